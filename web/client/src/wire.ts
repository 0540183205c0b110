/** How long the header of a frame is: the payload's length and the message's id (bytes). */
export const headerSize = 8;

/** A message as it travels: its id and its payload. */
export interface Frame {
  id: number;
  payload: Uint8Array;
}

/** What came is no message of the protocol. The connection on which it came is of no more use. */
export class MalformedError extends Error {
  override name = "MalformedError";
}

/** frames yields the frames of a WebSocket message, which holds one or more whole ones. */
export function* frames(message: Uint8Array): Generator<Frame> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  for (let at = 0; at < message.length; ) {
    const begins = at + headerSize;
    if (begins > message.length) throw new MalformedError("half a header");
    const ends = begins + view.getUint32(at, true);
    if (ends > message.length) throw new MalformedError("half a frame");
    yield { id: view.getUint32(at + 4, true), payload: message.subarray(begins, ends) };
    at = ends;
  }
}

/** frame returns a message as it travels. */
export function frame(id: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerSize + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, id, true);
  bytes.set(payload, headerSize);
  return bytes;
}
