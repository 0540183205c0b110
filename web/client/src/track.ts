import type { Place } from "./place.js";

/** How fast somebody goes, in steps of the quantum a second. */
export interface Velocity {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** How many steps a world is wide and deep: nobody goes any farther. */
export interface Extent {
  readonly width: number;
  readonly depth: number;
}

/** What everybody who sees a crowd was told of a member last: from where it goes since when (ms, modulo 2^32), and how fast. */
export interface Track {
  readonly from: Place;
  readonly speed: Velocity;
  readonly since: number;
}

/** The farthest that a coordinate is from 0, and the fastest that anybody goes along an axis. */
export const maxSteps = 2 ** 30 - 1;
export const maxVelocity = 2 ** 20 - 1;

/** standing is no velocity. */
export const standing: Velocity = { x: 0, y: 0, z: 0 };

/** along returns where a track leads at a time of the world's clock, as server and clients all reckon it. */
export function along({ from, speed, since }: Track, time: number, { width, depth }: Extent): Place {
  const elapsed = (time - since) >>> 0;
  const way = (velocity: number) => Math.trunc((velocity * elapsed) / 1000);
  return {
    x: Math.max(0, Math.min(from.x + way(speed.x), width)),
    y: Math.max(-maxSteps, Math.min(from.y + way(speed.y), maxSteps)),
    z: Math.max(0, Math.min(from.z + way(speed.z), depth)),
    heading: from.heading,
  };
}
