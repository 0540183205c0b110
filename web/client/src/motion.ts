import { normal, samePlace, turnBetween, type Place } from "./place.js";
import { along, maxSteps, type Extent, type Track } from "./track.js";

/** A move under way: asked for under a number of one's own. */
interface Pending {
  sequence: number;
  to: Place;
}

/** The most moves that are under way. Beyond it the oldest are taken for lost. */
const maxPending = 256;

/** For how long a correction is smoothed over (ms). */
const smoothing = 150;

/** A Prediction is where a player will be when its moves under way have arrived. */
export class Prediction {
  private pending: Pending[] = [];
  private error: Place = { x: 0, y: 0, z: 0, heading: 0 }; // of what was shown when a correction came, then
  private corrected = -smoothing;

  /** It begins where the server says that the player is. */
  constructor(private at: Place) {}

  /** The place that the server told last. */
  get told(): Place {
    return this.at;
  }

  /** add notes a move that was asked for. */
  add(sequence: number, to: Place): void {
    this.pending.push({ sequence, to });
    if (this.pending.length > maxPending) this.pending.shift();
  }

  /** see takes in where the server shows the player: the newest move there is confirmed, and all before it are over. */
  see(at: Place, now: number): void {
    const shown = this.here(now);
    this.at = at;
    const confirmed = this.pending.findLastIndex((move) => samePlace(move.to, at));
    if (confirmed >= 0) this.pending.splice(0, confirmed + 1);
    else if (this.pending.length === 0) this.jump(shown, now); // moved by somebody else
  }

  /** confirm takes in that all moves up to a number are over. */
  confirm(sequence: number): void {
    this.pending = this.pending.filter((move) => move.sequence > sequence);
  }

  /** correct takes in where the player truly is. Moves under way were asked from where it never was, and are given up. */
  correct(at: Place, now: number): void {
    const shown = this.here(now);
    this.at = at;
    this.pending = [];
    this.jump(shown, now);
  }

  /** here returns the place to show: of the last move under way, or the server's, a correction smoothed over. */
  here(now: number): Place {
    const to = this.pending.at(-1)?.to ?? this.at;
    const part = 1 - (now - this.corrected) / smoothing;
    if (part <= 0) return to;
    const { x, y, z, heading } = this.error;
    return { x: to.x + x * part, y: to.y + y * part, z: to.z + z * part, heading: normal(to.heading + heading * part) };
  }

  private jump(shown: Place, now: number): void {
    const { x, y, z, heading } = this.at;
    this.error = { x: shown.x - x, y: shown.y - y, z: shown.z - z, heading: turnBetween(heading, shown.heading) };
    this.corrected = now;
  }
}

/** How somebody else is shown between the places that were told. */
export interface Glide {
  /** The longest that a step is drawn out (ms). */
  longest: number;
  /** For how long somebody goes on whose next place is late (ms); it slows down until then. */
  beyond: number;
  /** A step that is farther is a jump (steps of the quantum). */
  jump: number;
  /** The world's time, for who goes along a track. */
  time: WorldTime;
}

/** For how long after a tick tracks are gone along (ms): who does not hear of the world does not know it. */
const longestWay = 500;

/** WorldTime is what time it is in the world, between the ticks that tell it. */
export class WorldTime {
  private told = 0;
  private heard: number | undefined;
  private behind = 0; // how much later than the quickest of late the last one came

  /** The time of a world so large. */
  constructor(private readonly extent: Extent = { width: maxSteps, depth: maxSteps }) {}

  /** hear takes in a time that was told. */
  hear(told: number, now: number): void {
    if (this.heard !== undefined && told === this.told) return;
    const late = this.heard === undefined ? Infinity : this.behind + now - this.heard - ((told - this.told) | 0);
    const unlikely = 1000; // of one clock, and one way
    const settling = 16; // so many ticks it takes to believe that all are late now
    this.behind = late > 0 && late < unlikely ? late * (1 - 1 / settling) : 0;
    this.told = told;
    this.heard = now;
  }

  /** along returns where a track leads at a time; where it begins when that is yet to come. */
  along(track: Track, now: number): Place {
    const time = this.told + Math.max(0, Math.min(now - (this.heard ?? now), longestWay) + this.behind);
    return along(track, ((time - track.since) | 0) < 0 ? track.since : time, this.extent);
  }
}

/** How long the difference between where a track begins and where its member was shown before takes to fade (ms). */
const fade = 200;

/** How long ago somebody was shown who is not seen to jump (ms). */
const looked = 250;

/** A Path is how somebody goes from one place that was told to the next: a step behind, and as long as the last step took. */
export class Path {
  private from: Place;
  private left: number; // when `from` was left
  private took = 0; // how long it takes from there
  private track: Track | undefined;
  private off: Place = { x: 0, y: 0, z: 0, heading: 0 }; // from the track to where it was shown before that began
  private since = 0; // when it began
  private shown = -Infinity; // last

  constructor(private to: Place, now: number, private readonly glide: Glide) {
    this.from = to;
    this.left = now;
  }

  /** step goes on to another place, from wherever the path is now. */
  step(to: Place, now: number): void {
    const { longest, jump } = this.glide;
    const from = this.at(now);
    const far = Math.max(Math.abs(to.x - from.x), Math.abs(to.z - from.z)) > jump;
    const unseen = this.track !== undefined && now - this.shown > looked; // where it was all the while nobody knows
    this.from = far || unseen ? to : from;
    this.track = undefined;
    this.took = far ? 0 : Math.min(longest, now - this.left);
    this.to = to;
    this.left = now;
  }

  /** follow goes along a track from now on. It begins where the path is shown, and is soon on the track. */
  follow(track: Track, now: number): void {
    if (this.track === track) return;
    const begins = this.glide.time.along(track, now);
    const is = now - this.shown <= looked ? this.at(now) : begins;
    this.off = { x: is.x - begins.x, y: is.y - begins.y, z: is.z - begins.z, heading: turnBetween(begins.heading, is.heading) };
    this.track = track;
    this.since = this.left = now;
  }

  /** show returns where to show somebody. */
  show(now: number): Place {
    this.shown = now;
    return this.at(now);
  }

  /** at returns where the path is, which may be between two places of the lattice. */
  at(now: number): Place {
    if (this.track !== undefined) {
      const { x, y, z, heading } = this.glide.time.along(this.track, now);
      const left = Math.max(0, 1 - (now - this.since) / fade);
      const { off } = this;
      return { x: x + off.x * left, y: y + off.y * left, z: z + off.z * left, heading: normal(heading + off.heading * left) };
    }
    const part = this.took > 0 ? this.part(now - this.left) : 1;
    const { from, to } = this;
    return {
      x: from.x + (to.x - from.x) * part,
      y: from.y + (to.y - from.y) * part,
      z: from.z + (to.z - from.z) * part,
      heading: normal(from.heading + turnBetween(from.heading, to.heading) * Math.min(part, 1)),
    };
  }

  /** part is how much of the way has been gone. Who is late goes on a little, slower and slower, and comes back. */
  private part(gone: number): number {
    if (gone <= this.took) return gone / this.took;
    const late = (gone - this.took) / this.glide.beyond;
    if (!(late < 2)) return 1;
    const reach = (this.glide.beyond / this.took) * 0.5; // at the pace of the step, that slows down to nothing
    return 1 + reach * (late < 1 ? late * (2 - late) : (2 - late) ** 2 * (2 * late - 1));
  }
}

/** A Clock is what is known of the way to the server and of its clock. */
export class Clock {
  /** How long a message takes there and back (ms); undefined before a Ping was answered. */
  roundTrip: number | undefined;
  /** How far the server's clock is ahead of Date.now (ms). */
  ahead = 0;

  private best = Infinity;

  /** pong takes in an answer to a Ping that was sent so many milliseconds ago. The quickest know the clock best. */
  pong(trip: number, serverMicros: bigint): void {
    this.roundTrip = this.roundTrip === undefined ? trip : this.roundTrip + (trip - this.roundTrip) / 4;
    if (trip > this.best) {
      this.best += (trip - this.best) / 64; // clocks drift: an old answer does not count for ever
      return;
    }
    this.best = trip;
    this.ahead = Number(serverMicros) / 1000 - (Date.now() - trip / 2);
  }
}
