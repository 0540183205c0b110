import { Cursor } from "./cursor.js";
import { readGroups, type CrowdChunk, type Group } from "./fixes.js";
import type { Place } from "./place.js";
import { standing, type Track, type Velocity } from "./track.js";
import { MalformedError } from "./wire.js";

/** What is told of a crowded part of the world beside who is there: most members are told of only now and then. */
export interface Crowd {
  readonly stream: number;
  readonly members: number;
  /** Within how long everybody is told of who is not where its track leads (ms). */
  readonly bound: number;
  /** How the members are spread, when they are too many to be told of every few seconds; otherwise there are none. */
  readonly groups: readonly Group[];
}

/** How long a bound must be (ms) for a crowd to be told in groups. */
const groupsAbove = 5000;

/** Tracks is what a crowded stream has beside its members. */
export class Tracks {
  /** The number of the last tick, as they were applied, that told of the crowd: fixes of before are over. */
  beat = 0;
  bound = 0;
  groups: readonly Group[] = [];
  private readonly bySlot: (Track | undefined)[] = [];

  /** of returns the track of who is in a slot. */
  of(slot: number): Track | undefined {
    return this.bySlot[slot];
  }

  /** begin begins a track. */
  begin(slot: number, from: Place, speed: Velocity, since: number): void {
    this.bySlot[slot] = { from, speed, since };
  }

  /** stand begins the track of somebody who has just come, or of whom there was none. */
  stand(slot: number, at: Place, time: number): void {
    this.begin(slot, at, standing, time);
  }

  /** describe takes in what is told of the crowd as a whole. */
  describe({ bound, aggregates }: CrowdChunk): void {
    this.bound = bound;
    if (aggregates.length > 0) this.groups = readGroups(aggregates);
    else if (bound <= groupsAbove) this.groups = [];
  }
}

/** TrackColumn is the tracks of a key, one for each member. */
export class TrackColumn {
  private readonly cursor: Cursor;

  constructor(column: Uint8Array, private readonly time: number) {
    this.cursor = new Cursor(column);
  }

  /** next reads the track of the next member. */
  next(from: Place): Track {
    const age = this.cursor.sint32();
    return { from, since: (this.time - age) >>> 0, speed: { x: this.cursor.sint32(), z: this.cursor.sint32(), y: this.cursor.sint32() } };
  }

  /** end makes sure that there are no more. */
  end(): void {
    if (!this.cursor.done) throw new MalformedError("more tracks than members");
  }
}
