import { Bits } from "./bits.js";
import { Cursor, fields, unzigzag } from "./cursor.js";
import { maxVelocity, standing, type Velocity } from "./track.js";
import type { Place } from "./place.js";
import { MalformedError } from "./wire.js";

/** What is told of a crowded stream beside its delta. */
export interface CrowdChunk extends FixesChunk {
  aggregates: Uint8Array;
  bound: number; // ms
  ends: boolean;
}

/** Where members of a crowded stream are, in columns, in bits, or in both. */
export interface FixesChunk {
  stream: number;
  epoch: number;
  fixes: Uint8Array;
  bits: Uint8Array;
}

/** How many members of a crowd are about a place, in steps of the quantum. */
export interface Group {
  readonly count: number;
  readonly x: number;
  readonly z: number;
}

const nothing = new Uint8Array();

/** The most that a slot is. */
const maxSlot = 2 ** 20;

/** parseCrowd takes a Crowd in, or Fixes, which are a part of it. */
export function parseCrowd(message: Uint8Array): CrowdChunk {
  const crowd: CrowdChunk = { stream: 0, epoch: 0, fixes: nothing, bits: nothing, aggregates: nothing, bound: 0, ends: false };
  fields(message, (field, value, body) => {
    switch (field) {
      case 1: crowd.stream = value; break;
      case 2: crowd.epoch = value; break;
      case 3: crowd.fixes = body; break;
      case 4: crowd.bits = body; break;
      case 5: crowd.aggregates = body; break;
      case 6: crowd.bound = value; break;
      case 7: crowd.ends = value !== 0; break;
    }
  });
  return crowd;
}

/** What fixes are read into: by slot, where somebody is, and how fast it goes. */
export type VisitFix = (slot: number, at: Place, speed: Velocity) => void;

/** readFixes visits all fixes of a chunk; `going` says that they have velocities. */
export function readFixes({ fixes, bits }: FixesChunk, going: boolean, visit: VisitFix): void {
  if (fixes.length > 0) readColumn(fixes, going, visit);
  if (bits.length > 0) readBits(bits, going, visit);
}

/** readColumn visits the fixes of a column. */
function readColumn(column: Uint8Array, going: boolean, visit: VisitFix): void {
  const cursor = new Cursor(column);
  const base = { x: cursor.sint32(), z: cursor.sint32(), y: cursor.sint32() };
  let slot = -1;
  while (!cursor.done) {
    const gap = cursor.sint32();
    const x = base.x + cursor.sint32(), z = base.z + cursor.sint32(), y = base.y + cursor.sint32();
    const heading = cursor.sint32();
    const speed = going ? { x: cursor.sint32(), z: cursor.sint32(), y: cursor.sint32() } : standing;
    slot += 1 + gap;
    check(gap >= 0, slot, heading, speed);
    visit(slot, { x: x | 0, y: y | 0, z: z | 0, heading }, speed);
  }
}

/** readBits visits the fixes in bits. */
function readBits(packed: Uint8Array, going: boolean, visit: VisitFix): void {
  const head = new Cursor(packed);
  const base = { x: head.uint32(), z: head.uint32(), y: head.sint32() };
  const bits = new Bits(head.rest());
  const width = () => bits.read(6);
  const [wx, wz, wy] = [width(), width(), width()];
  const [vx, vz, vy] = going ? [width(), width(), width()] : [0, 0, 0];
  const rice = bits.read(5);
  if (rice < 0 || Math.max(wx, wz, wy, vx, vz, vy) > 32) throw new MalformedError("fixes without widths");
  let slot = -1;
  for (;;) {
    const whole = bits.unary();
    if (whole < 0) return;
    const part = bits.read(rice);
    const x = base.x + bits.read(wx), z = base.z + bits.read(wz), y = base.y + bits.read(wy);
    const heading = bits.read(9);
    const speed = going ? { x: unzigzag(bits.read(vx)), z: unzigzag(bits.read(vz)), y: unzigzag(bits.read(vy)) } : standing;
    slot += 1 + whole * 2 ** rice + part;
    check(!bits.short, slot, heading, speed);
    visit(slot, { x: x | 0, y: y | 0, z: z | 0, heading }, speed);
  }
}

/** check refuses what no server says. */
function check(whole: boolean, slot: number, heading: number, speed: Velocity): void {
  const fastest = Math.max(Math.abs(speed.x), Math.abs(speed.y), Math.abs(speed.z));
  if (!whole || slot > maxSlot || heading < 0 || heading >= 360 || fastest > maxVelocity) throw new MalformedError("fixes");
}

/** readGroups returns how the members of a crowd are spread. */
export function readGroups(column: Uint8Array): Group[] {
  const groups: Group[] = [];
  for (const cursor = new Cursor(column); !cursor.done; ) {
    groups.push({ count: cursor.sint32(), x: cursor.sint32(), z: cursor.sint32() });
  }
  return groups;
}
