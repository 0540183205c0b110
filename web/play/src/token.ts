import { keep, kept } from "../../common/src/kept.js";

/** Under which name the token is kept with which a page that is loaded anew goes on as the same player. */
const name = "resume";

/** keepToken keeps a token for when this page is loaded anew; undefined keeps none. */
export function keepToken(token: Uint8Array | undefined): void {
  keep(name, token && String.fromCharCode(...token));
}

/** keptToken returns the token that was kept. */
export function keptToken(): Uint8Array | undefined {
  const letters = kept(name);
  return letters === undefined ? undefined : Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
