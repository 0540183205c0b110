import { CloseCode } from "./pb/native/codes_pb.js";

export { CloseCode, ErrorCode } from "./pb/native/codes_pb.js";

/** Why a connection has ended. */
export interface End {
  /** The number: see CloseCode. 1006 is a connection that was lost without a word. */
  code: number;
  /** The number's name, as in KICKED; the number itself where this client does not know it. */
  name: string;
  /** What the server said. */
  text: string;
  /** Whether the server asks not to come back. */
  final: boolean;
  /** After how long the server asks to come back (ms); 0 leaves it to the client. */
  retryAfter: number;
}

/** A client that will not come back: the server said so, or the first connection did not come about. */
export class EndedError extends Error {
  override name = "EndedError";

  /** An error that tells why. */
  constructor(readonly end: End) {
    super(`${end.name}: ${end.text}`);
  }
}

/** The codes of RFC 6455 by which a server says that its client broke the rules. */
const broken = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** isFinal reports whether who is closed with a code should not come back. Otherwise it may, after a pause that grows. */
export function isFinal(code: number): boolean {
  return code >= 4500 || broken.has(code);
}

/** endOf returns what a code means for a connection. */
export function endOf(code: number, text: string, retryAfter = 0): End {
  return { code, name: CloseCode[code]?.replace(/^CLOSE_/, "") ?? String(code), text, final: isFinal(code), retryAfter };
}
