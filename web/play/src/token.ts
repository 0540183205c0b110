/** Where the token lies with which a page that is loaded anew goes on as the same player. It is this tab's alone. */
const key = "resume";

/** keepToken keeps a token for when this page is loaded anew; undefined keeps none. */
export function keepToken(token: Uint8Array | undefined): void {
  if (token === undefined) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, String.fromCharCode(...token));
}

/** keptToken returns the token that was kept. */
export function keptToken(): Uint8Array | undefined {
  const kept = sessionStorage.getItem(key);
  return kept === null ? undefined : Uint8Array.from(kept, (letter) => letter.charCodeAt(0));
}
