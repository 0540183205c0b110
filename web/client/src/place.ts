/** A place in steps of the world's quantum: x and z from the smallest corner, y from 0, and the heading in degrees, 0 to 359. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly heading: number;
}

/** A place in world units, and a heading in degrees. The plane is x and z, y is the height. */
export interface Position {
  x: number;
  y: number;
  z: number;
  heading: number;
}

/** What a Welcome says of the geometry of a world. */
export interface Geometry {
  readonly minX: number;
  readonly maxX: number;
  readonly minZ: number;
  readonly maxZ: number;
  readonly quantum: number;
}

/** The farthest that a coordinate of a place is from 0. */
const maxSteps = 2 ** 30 - 1;

/** samePlace reports whether two places are one. */
export function samePlace(a: Place, b: Place): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z && a.heading === b.heading;
}

/** turnBetween returns how far it is from one heading to another (degrees, -180 to 180, 180 excluded). */
export function turnBetween(from: number, to: number): number {
  return normal(to - from + 180) - 180;
}

/** normal returns a heading as one of 0 to 360, 360 excluded. */
export function normal(heading: number): number {
  return ((heading % 360) + 360) % 360;
}

/** A lattice turns positions into places and back. */
export class Lattice {
  /** A lattice of a world. */
  constructor(private readonly geometry: Geometry) {}

  /** place returns the place next to a position; one outside of the world comes out at its border. */
  place(p: Position): Place {
    const { minX, maxX, minZ, maxZ, quantum } = this.geometry;
    return {
      x: step(p.x - minX, maxX - minX, quantum),
      y: clamp(Math.round(p.y / quantum), -maxSteps, maxSteps),
      z: step(p.z - minZ, maxZ - minZ, quantum),
      heading: normal(Math.round(p.heading)),
    };
  }

  /** extent returns how many steps the world is wide and deep. */
  extent(): { width: number; depth: number } {
    const { minX, maxX, minZ, maxZ, quantum } = this.geometry;
    return { width: step(Infinity, maxX - minX, quantum), depth: step(Infinity, maxZ - minZ, quantum) };
  }

  /** position returns the position of a place. */
  position(p: Place): Position {
    const { minX, minZ, quantum } = this.geometry;
    return { x: minX + p.x * quantum, y: p.y * quantum, z: minZ + p.z * quantum, heading: p.heading };
  }
}

/** step returns how many steps a distance from the corner is, at most as many as there are. */
function step(distance: number, width: number, quantum: number): number {
  const rounding = 1e-6; // of a step: what floats may have lost
  return clamp(Math.round(distance / quantum), 0, Math.floor(width / quantum + rounding));
}

/** clamp returns what is nearest to a value between two others; no number at all is the lower one. */
function clamp(value: number, low: number, high: number): number {
  return value >= low ? Math.min(value, high) : low;
}
