import type { Dots, WorldMap } from "./contract.js";

/** Between which times the places of two maps may lie, for others to glide from one to the other (ms). */
const [shortest, longest] = [60, 1200];

/** By how many cells one may have moved between two maps, and glides; who is farther off has jumped. */
const leap = 1.5;

/** A Crowd is everybody and everything as of a map: by rising id, in arrays of one length. */
export interface Crowd {
  readonly ids: Int32Array;
  readonly x: Float64Array;
  readonly z: Float64Array;
  readonly kinds: Uint8Array;
  readonly hidden: Uint8Array;
}

const nobody: Crowd = {
  ids: new Int32Array(0), x: new Float64Array(0), z: new Float64Array(0), kinds: new Uint8Array(0), hidden: new Uint8Array(0),
};

/** crowdOf reads dots: ids are told as differences, places in hundredths of a unit. */
export function crowdOf(dots: Dots | null): Crowd {
  if (dots === null) return nobody;
  let id = 0;
  const crowd = {
    ids: Int32Array.from(dots.ids, (more) => (id += more)),
    x: Float64Array.from(dots.x, (v) => v / 100),
    z: Float64Array.from(dots.z, (v) => v / 100),
    kinds: Uint8Array.from(dots.kinds),
    hidden: new Uint8Array(dots.ids.length),
  };
  for (const one of dots.hidden) {
    const at = find(crowd.ids, one);
    if (at >= 0) crowd.hidden[at] = 1;
  }
  return crowd;
}

/** find returns where an id is among rising ones, or -1. */
export function find(ids: Int32Array, id: number): number {
  let low = 0, high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = ids[middle] as number;
    if (there === id) return middle;
    if (there < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** A Scene is what is on the map. Between two maps everybody glides: what is shown is one map behind. */
export class Scene {
  map: WorldMap | undefined;
  crowd: Crowd = nobody;

  private fromX = new Float64Array(0);
  private fromZ = new Float64Array(0);
  private at = 0; // when the last map came
  private took = shortest; // how long after the one before it

  /** take takes in a map that has come at a time (ms). */
  take(map: WorldMap, now: number): void {
    const next = crowdOf(map.dots);
    const fromX = next.x.slice(), fromZ = next.z.slice();
    const wide = (map.bounds.max_x - map.bounds.min_x) / map.columns, deep = (map.bounds.max_z - map.bounds.min_z) / map.rows;
    if (this.map?.world === map.world) {
      const { ids } = this.crowd;
      for (let i = 0, j = 0; i < ids.length && j < next.ids.length; ) {
        const mine = ids[i] as number, yours = next.ids[j] as number;
        if (mine === yours) {
          const x = this.x(i, now), z = this.z(i, now);
          const glides = Math.abs(x - (next.x[j] as number)) <= leap * wide && Math.abs(z - (next.z[j] as number)) <= leap * deep;
          if (glides) [fromX[j], fromZ[j]] = [x, z];
        }
        if (mine <= yours) i++;
        if (yours <= mine) j++;
      }
      this.took = Math.max(shortest, Math.min(longest, now - this.at));
    }
    [this.map, this.crowd, this.fromX, this.fromZ, this.at] = [map, next, fromX, fromZ, now];
  }

  /** moving reports whether somebody may still be on the way. */
  moving(now: number): boolean {
    return now - this.at <= this.took;
  }

  /** x and z return where the one at an index is shown. */
  x(index: number, now: number): number {
    const from = this.fromX[index] as number;
    return from + ((this.crowd.x[index] as number) - from) * this.part(now);
  }

  z(index: number, now: number): number {
    const from = this.fromZ[index] as number;
    return from + ((this.crowd.z[index] as number) - from) * this.part(now);
  }

  /** part is how far everybody has come from one map to the next: 0 to 1. */
  part(now: number): number {
    return Math.max(0, Math.min(1, (now - this.at) / this.took));
  }
}
