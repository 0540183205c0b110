import { MalformedError } from "./wire.js";

/** unzigzag maps 0, 1, 2, 3 to 0, -1, 1, -2. */
export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** A Cursor reads protobuf's numbers out of bytes, one after another. */
export class Cursor {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Whether everything has been read. */
  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** varint reads a number, which is exact up to 2^53. */
  varint(): number {
    let value = 0;
    for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new MalformedError("a number without end");
  }

  /** uint32 reads a number, of which the lowest 32 bits count. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new MalformedError("a number without end");
  }

  /** sint32 reads a zigzag number. */
  sint32(): number {
    return unzigzag(this.uint32());
  }

  /** take reads so many bytes. They share the memory. */
  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new MalformedError("a field without end");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** rest reads all that is left. It shares the memory. */
  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new MalformedError("half a number");
    return byte;
  }
}

const nothing = new Uint8Array();

/** fields visits each field of a protobuf message: with its number, or its body where it has a length. Others are passed over. */
export function fields(message: Uint8Array, visit: (field: number, value: number, body: Uint8Array) => void): void {
  const cursor = new Cursor(message);
  while (!cursor.done) {
    const tag = cursor.uint32();
    switch (tag & 7) {
      case 0:
        visit(tag >>> 3, cursor.varint(), nothing);
        break;
      case 1:
        cursor.take(8);
        break;
      case 2:
        visit(tag >>> 3, 0, cursor.take(cursor.uint32()));
        break;
      case 5:
        cursor.take(4);
        break;
      default:
        throw new MalformedError("a field of no kind");
    }
  }
}
