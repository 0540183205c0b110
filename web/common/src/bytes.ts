/** sizeOf returns how long a text is as the server counts it (bytes). */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * limitBytes has a field take texts of so many bytes at most; spaces at the ends do not count. For a longer one the browser shows the
 * words, and does not send the form.
 */
export function limitBytes(field: HTMLInputElement, most: () => number, words: (size: number, most: number) => string): void {
  const check = () => {
    const size = sizeOf(field.value.trim());
    field.setCustomValidity(size > most() ? words(size, most()) : "");
  };
  field.addEventListener("input", check);
  check();
}
