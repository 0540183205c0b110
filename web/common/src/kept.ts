/** keep keeps a text of a name for this tab alone, until it is closed; undefined forgets it. */
export function keep(name: string, text: string | undefined): void {
  if (text === undefined) sessionStorage.removeItem(name);
  else sessionStorage.setItem(name, text);
}

/** kept returns the text that was kept. */
export function kept(name: string): string | undefined {
  return sessionStorage.getItem(name) ?? undefined;
}
