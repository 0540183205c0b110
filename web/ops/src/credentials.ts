import { keep, kept } from "../../common/src/kept.js";

/** Under which names the operator's token is kept, and why one is out. */
const [name, whyName] = ["operator", "why"];

/** tokenIn returns the token that a fragment of an address hands over, as in #token=…; undefined if there is none. */
export function tokenIn(fragment: string): string | undefined {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token")?.trim() || undefined;
}

/** handedToken returns the token that was handed over in the address, from which it is removed, or kept in this tab. */
export function handedToken(): string | undefined {
  const token = tokenIn(location.hash);
  if (token === undefined) return kept(name);
  history.replaceState(null, "", location.pathname);
  keepToken(token);
  return token;
}

/** keepToken keeps a token for when this page is loaded anew; undefined forgets it. */
export function keepToken(token: string | undefined): void {
  keep(name, token);
}

/** keepWhy keeps why one is out, for when this page is loaded anew; "" is no reason. */
export function keepWhy(why: string): void {
  keep(whyName, why || undefined);
}

/** keptWhy returns why one is out, once. */
export function keptWhy(): string {
  const why = kept(whyName) ?? "";
  keepWhy("");
  return why;
}
