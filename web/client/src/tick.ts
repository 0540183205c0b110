import { Bits } from "./bits.js";
import { Cursor, fields, unzigzag } from "./cursor.js";
import { parseCrowd, type CrowdChunk, type FixesChunk } from "./fixes.js";
import { MalformedError } from "./wire.js";

/** A Tick as it was received. Its columns share the payload's memory, and are looked at only as they are read. */
export interface Tick {
  number: number;
  forgetAll: boolean;
  /** The viewer cell from now on, if it is another. */
  cell: number | undefined;
  /** The streams to forget, a column of slots. */
  dropped: Uint8Array;
  keys: KeyChunk[];
  deltas: DeltaChunk[];
  bits: Uint8Array[];
  /** The world's clock (ms, modulo 2^32), if it is told. */
  time: number | undefined;
  crowds: CrowdChunk[];
  near: FixesChunk[];
}

/** What both kinds of chunks have. */
interface Chunk {
  stream: number;
  epoch: number;
  traits: Uint8Array[];
}

/** Everybody in a stream, or in a part of its slots, as they were before this tick's delta. */
export interface KeyChunk extends Chunk {
  first: number;
  end: number;
  members: Uint8Array;
  /** The tracks of the members, where the stream is crowded. */
  tracks: Uint8Array;
}

/** What happened in a stream in a tick. */
export interface DeltaChunk extends Chunk {
  left: Uint8Array;
  entered: Uint8Array;
  moved: Uint8Array;
}

/** What there is to somebody beside the place. */
export interface Trait {
  slot: number;
  kind: number;
  name: string;
  attributes: Uint8Array;
}

const nothing = new Uint8Array();

/** The most that a slot is. */
const maxSlot = 2 ** 20;

/** parseTick takes the payload of a Tick in. */
export function parseTick(payload: Uint8Array): Tick {
  const tick: Tick = {
    number: 0, forgetAll: false, cell: undefined, dropped: nothing, keys: [], deltas: [], bits: [], time: undefined, crowds: [], near: [],
  };
  fields(payload, (field, value, body) => {
    switch (field) {
      case 1: tick.number = value; break;
      case 2: tick.forgetAll = value !== 0; break;
      case 3: parseShift(tick, body); break;
      case 4: tick.keys.push(parseKey(body)); break;
      case 5: tick.deltas.push(parseDelta(body)); break;
      case 6: tick.bits.push(body); break;
      case 7: tick.time = value; break;
      case 8: tick.crowds.push(parseCrowd(body)); break;
      case 9: tick.near.push(parseCrowd(body)); break;
    }
  });
  return tick;
}

function parseShift(tick: Tick, message: Uint8Array): void {
  tick.cell = 0;
  fields(message, (field, value, body) => {
    switch (field) {
      case 1: tick.cell = value; break;
      case 2: tick.dropped = body; break;
    }
  });
}

function parseKey(message: Uint8Array): KeyChunk {
  const key: KeyChunk = { stream: 0, epoch: 0, first: 0, end: 0, members: nothing, traits: [], tracks: nothing };
  fields(message, (field, value, body) => {
    switch (field) {
      case 1: key.stream = value; break;
      case 2: key.epoch = value; break;
      case 3: key.first = value; break;
      case 4: key.end = value; break;
      case 5: key.members = body; break;
      case 6: key.traits.push(body); break;
      case 7: key.tracks = body; break;
    }
  });
  return key;
}

function parseDelta(message: Uint8Array): DeltaChunk {
  const delta: DeltaChunk = { stream: 0, epoch: 0, left: nothing, entered: nothing, traits: [], moved: nothing };
  fields(message, (field, value, body) => {
    switch (field) {
      case 1: delta.stream = value; break;
      case 2: delta.epoch = value; break;
      case 3: delta.left = body; break;
      case 4: delta.entered = body; break;
      case 5: delta.traits.push(body); break;
      case 6: delta.moved = body; break;
    }
  });
  return delta;
}

const text = new TextDecoder();

/** parseTrait reads a trait. Its attributes are a copy. */
export function parseTrait(message: Uint8Array): Trait {
  const trait: Trait = { slot: 0, kind: 0, name: "", attributes: nothing };
  fields(message, (field, value, body) => {
    switch (field) {
      case 1: trait.slot = value; break;
      case 2: trait.kind = value; break;
      case 3: trait.name = text.decode(body); break;
      case 4: trait.attributes = body.slice(); break;
    }
  });
  return trait;
}

/** readNumbers visits the numbers of a column. */
export function readNumbers(column: Uint8Array, visit: (value: number) => void): void {
  for (const cursor = new Cursor(column); !cursor.done; ) visit(cursor.uint32());
}

/** readMembers visits the members of a column: slot, id, x, z, y, heading, the first four as differences. */
export function readMembers(
  column: Uint8Array,
  visit: (slot: number, id: number, x: number, y: number, z: number, heading: number) => void,
): void {
  let slot = 0, id = 0, x = 0, z = 0;
  for (const cursor = new Cursor(column); !cursor.done; ) {
    slot += cursor.sint32();
    id = (id + cursor.sint32()) | 0;
    x = (x + cursor.sint32()) | 0;
    z = (z + cursor.sint32()) | 0;
    const y = cursor.sint32();
    const heading = cursor.sint32();
    if (slot < 0 || slot > maxSlot || id <= 0 || heading < 0 || heading >= 360) throw new MalformedError("a column of members");
    visit(slot, id, x, y, z, heading);
  }
}

/** What a column of moves is read into: by slot, how far somebody went, and how far it turned (degrees). */
export type VisitMove = (slot: number, dx: number, dy: number, dz: number, turn: number) => void;

/** readMoves visits the moves of a delta. */
export function readMoves(column: Uint8Array, visit: VisitMove): void {
  let slot = -1;
  for (const cursor = new Cursor(column); !cursor.done; ) {
    const head = cursor.sint32();
    const dx = cursor.sint32();
    const dz = cursor.sint32();
    const dy = head & 1 ? cursor.sint32() : 0;
    const turn = head & 2 ? cursor.sint32() : 0;
    slot += 1 + (head >> 2);
    if (head < 0 || slot > maxSlot || Math.abs(turn) > 360) throw new MalformedError("a column of moves");
    visit(slot, dx, dy, dz, turn);
  }
}

/** readBits visits the moves of one of a Tick's bits; `begin` is told first of which stream and epoch they are. */
export function readBits(entry: Uint8Array, begin: (stream: number, epoch: number) => VisitMove): void {
  const head = new Cursor(entry);
  const number = head.uint32();
  const visit = begin(number >>> 1, number & 1 ? head.uint32() : 0);
  const bits = new Bits(head.rest());
  const plane = bits.read(6), height = bits.read(6);
  if (height < 0 || plane > 32 || height > 32) throw new MalformedError("bits without widths");
  let slot = -1;
  for (let gap = bits.gamma(); gap !== 0; gap = bits.gamma()) {
    const dx = bits.read(plane), dz = bits.read(plane), dy = bits.read(height);
    const turns = bits.read(1);
    const turn = turns === 1 ? bits.read(9) : 180;
    slot += gap;
    if (turns < 0 || turn < 0 || turn >= 540 || slot > maxSlot) throw new MalformedError("bits of moves");
    visit(slot, unzigzag(dx), unzigzag(dy), unzigzag(dz), turn - 180);
  }
}
