const screen = matchMedia("(prefers-color-scheme: dark)");

/** isDark reports whether the screen is dark now. */
export function isDark(): boolean {
  return screen.matches;
}

/** whenDarkChanges calls somebody when the screen becomes dark, or light. */
export function whenDarkChanges(call: () => void): void {
  screen.addEventListener("change", call);
}
