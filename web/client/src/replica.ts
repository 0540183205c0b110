import { TrackColumn, Tracks, type Crowd } from "./crowd.js";
import { readFixes, type CrowdChunk, type FixesChunk } from "./fixes.js";
import { normal, samePlace, type Place } from "./place.js";
import {
  parseTick, parseTrait, readBits, readMembers, readMoves, readNumbers, type DeltaChunk, type KeyChunk, type Tick, type VisitMove,
} from "./tick.js";
import { along, maxSteps, type Extent, type Track } from "./track.js";

/** Somebody or something in view. It is the view's, and changes with each tick; `at` is replaced as a whole. */
export interface Entity {
  readonly id: number;
  /** 0 is a player, 1 a wanderer, 16 and up are a game's. */
  readonly kind: number;
  /** The name that it was given; see shownName. */
  readonly name: string;
  /** What a game shows of it beside its place. */
  readonly attributes: Uint8Array;
  /** Where it was told to be last. In a crowd that may be a while ago: Replica.place is where it is. */
  readonly at: Place;
}

/** What became of entities in a tick, told in this order. */
export interface Observer {
  left?(entity: Entity): void;
  appeared?(entity: Entity): void;
  moved?(entity: Entity): void;
  changed?(entity: Entity): void;
}

/** A tick does not fit to what was told before. The view is not to be used any more: connect anew. */
export class DesyncError extends Error {
  override name = "DesyncError";
}

/** shownName returns under which name to show an entity to people: a player without a name of its own has one all the same. */
export function shownName(entity: { id: number; kind: number; name: string }): string {
  return entity.name !== "" || entity.kind !== 0 ? entity.name : `guest-${entity.id}`;
}

/** What a tick tells of an entity. */
const enum Told {
  New = 1,
  Moved = 2,
  Changed = 4,
  Again = 8, // of one that was known: traits that are not told are none
  Traits = 16,
  Listed = 32,
}

/** Member is an entity, and where it is kept. */
class Member implements Entity {
  kind = 0;
  name = "";
  attributes: Uint8Array = nothing;
  told = 0;
  parked = false; // it left a stream, or the stream was forgotten, and may be in another
  stream!: Stream;
  slot = 0;
  strayed = false; // it was on a track when it was parked
  near = -1; // the last tick that told where it is and gave it no track

  constructor(readonly id: number, public at: Place) {}
}

/** Stream is the members of one cell by slot. One of which nothing was told is empty, and of epoch 0. */
class Stream {
  epoch = 0;
  partial = false; // further key parts are to come: slots that are not known are passed over
  members: (Member | undefined)[] = [];
  crowd: Tracks | undefined; // if it is crowded

  constructor(readonly id: number) {}

  /** has reports whether somebody whom a slot names is still there: another chunk may have taken it elsewhere. */
  has(member: Member, slot: number): boolean {
    return member.stream === this && member.slot === slot;
  }
}

const nothing = new Uint8Array();

/** A Replica is what a server shows to one viewer, built from Ticks. It has no connection and no clock. */
export class Replica {
  /** The number of the last tick. */
  number = 0;
  /** The cell from which the viewer looks. */
  cell = 0;

  /** The world's clock as of the last tick that told it (ms, modulo 2^32): those that tell of crowds do. */
  time = 0;

  private applied = 0; // ticks
  private readonly members = new Map<number, Member>();
  private readonly streams = new Map<number, Stream>();
  private parked: Member[] = []; // of the tick that is applied, as is touched
  private touched: Member[] = [];

  /** A replica that was told nothing of a world so large; its observer is told what becomes of whom. */
  constructor(private readonly observer: Observer = {}, private readonly extent: Extent = { width: maxSteps, depth: maxSteps }) {}

  /** Everybody in view by id, oneself included. */
  get entities(): ReadonlyMap<number, Entity> {
    return this.members;
  }

  /** The crowds in view. */
  get crowds(): Crowd[] {
    return [...this.streams.values()].flatMap(({ id, members, crowd }) => {
      if (crowd === undefined) return [];
      return [{ stream: id, members: members.filter(Boolean).length, bound: crowd.bound, groups: crowd.groups }];
    });
  }

  /** place returns where an entity in view is as of the last tick: where it was told to be, or in a crowd where its track leads. */
  place(entity: Entity): Place {
    const track = this.track(entity);
    return track === undefined ? entity.at : along(track, this.time, this.extent);
  }

  /** track returns the track of an entity in a crowd, unless where it is truly was just told. */
  track(entity: Entity): Track | undefined {
    const member = entity as Member;
    const crowd = member.stream.crowd;
    return crowd === undefined || member.parked || crowd.beat === member.near ? undefined : crowd.of(member.slot);
  }

  /** apply applies the payload of a Tick, in the order of the protocol. It throws MalformedError or DesyncError. */
  apply(payload: Uint8Array): void {
    const tick = parseTick(payload);
    this.parked = [];
    this.touched = [];
    this.number = tick.number;
    this.applied++;
    if (tick.time !== undefined || tick.crowds.length > 0) this.time = tick.time ?? 0;
    if (tick.forgetAll) this.forgetAll();
    if (tick.cell !== undefined) this.cell = tick.cell;
    for (const key of tick.keys) this.applyKey(key);
    for (const delta of tick.deltas) this.applyLeft(delta);
    for (const delta of tick.deltas) this.applyEntered(delta);
    this.applyMoved(tick);
    for (const crowd of tick.crowds) this.applyCrowd(crowd);
    for (const near of tick.near) this.applyNear(near);
    for (const { stream, ends } of tick.crowds) if (ends) this.scatter(this.stream(stream));
    readNumbers(tick.dropped, (id) => this.drop(id));
    this.tell();
  }

  private forgetAll(): void {
    for (const stream of this.streams.values()) this.park(stream, 0, stream.members.length);
    this.streams.clear();
  }

  private drop(id: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.park(stream, 0, stream.members.length);
    this.streams.delete(id);
  }

  private stream(id: number): Stream {
    let stream = this.streams.get(id);
    if (stream === undefined) this.streams.set(id, (stream = new Stream(id)));
    return stream;
  }

  /** follow returns the stream of a delta, whose epoch must be the stream's. */
  private follow(id: number, epoch: number): Stream {
    const stream = this.stream(id);
    if (stream.epoch !== epoch) throw new DesyncError(`delta of epoch ${epoch}, stream ${id} is of epoch ${stream.epoch}`);
    return stream;
  }

  private applyKey(key: KeyChunk): void {
    const stream = this.stream(key.stream);
    if (key.first === 0) {
      this.park(stream, 0, stream.members.length);
      stream.members = [];
      stream.epoch = key.epoch;
      stream.crowd = undefined;
    } else if (stream.epoch !== key.epoch || !stream.partial) {
      throw new DesyncError(`part of a key of epoch ${key.epoch}, stream ${key.stream} is of epoch ${stream.epoch}`);
    }
    const length = stream.members.length;
    this.park(stream, key.first, key.end === 0 ? length : Math.min(length, key.end));
    stream.partial = key.end !== 0;
    this.placeKeyed(stream, key);
    for (const trait of key.traits) this.trait(stream, trait);
  }

  /** placeKeyed puts the members of a key into their slots, and in a crowded stream on their tracks. */
  private placeKeyed(stream: Stream, key: KeyChunk): void {
    if (key.tracks.length === 0) return this.placeAll(stream, key.members);
    const crowd = this.gather(stream);
    const tracks = new TrackColumn(key.tracks, this.time);
    readMembers(key.members, (slot, id, x, y, z, heading) => {
      this.seat(stream, slot, id, { x, y, z, heading });
      const { from, speed, since } = tracks.next({ x, y, z, heading });
      crowd.begin(slot, from, speed, since);
    });
    tracks.end();
  }

  private applyLeft(delta: DeltaChunk): void {
    const stream = this.follow(delta.stream, delta.epoch);
    readNumbers(delta.left, (slot) => {
      if (stream.members[slot] !== undefined) this.park(stream, slot, slot + 1);
      else if (!stream.partial) throw new DesyncError(`slot ${slot} of stream ${stream.id} leaves, nobody is there`);
    });
  }

  private applyEntered(delta: DeltaChunk): void {
    const stream = this.stream(delta.stream);
    this.placeAll(stream, delta.entered);
    for (const trait of delta.traits) this.trait(stream, trait);
  }

  private applyMoved(tick: Tick): void {
    for (const delta of tick.deltas) readMoves(delta.moved, this.mover(this.stream(delta.stream)));
    for (const entry of tick.bits) readBits(entry, (id, epoch) => this.mover(this.follow(id, epoch)));
  }

  /** gather makes a stream a crowded one: everybody in it stands since now. */
  private gather(stream: Stream): Tracks {
    if (stream.crowd !== undefined) return stream.crowd;
    const crowd = (stream.crowd = new Tracks());
    crowd.beat = this.applied;
    stream.members.forEach((member, slot) => member && crowd.stand(slot, member.at, this.time));
    return crowd;
  }

  private applyCrowd(chunk: CrowdChunk): void {
    const stream = this.follow(chunk.stream, chunk.epoch);
    const crowd = this.gather(stream);
    crowd.beat = this.applied;
    crowd.describe(chunk);
    readFixes(chunk, true, (slot, at, speed) => {
      if (this.fix(stream, slot, at)) crowd.begin(slot, at, speed, this.time);
    });
  }

  private applyNear(chunk: FixesChunk): void {
    const stream = this.follow(chunk.stream, chunk.epoch);
    if (stream.crowd === undefined) throw new DesyncError(`places in stream ${stream.id}, which is not crowded`);
    stream.crowd.beat = this.applied;
    readFixes(chunk, false, (slot, at) => {
      const member = this.fix(stream, slot, at);
      if (member !== undefined) member.near = this.applied;
    });
  }

  /** fix takes in where somebody in a crowd is. */
  private fix(stream: Stream, slot: number, at: Place): Member | undefined {
    const member = stream.members[slot];
    if (member === undefined) {
      if (stream.partial) return undefined;
      throw new DesyncError(`a fix of slot ${slot} of stream ${stream.id}, nobody is there`);
    }
    member.at = at;
    this.touch(member, Told.Moved);
    return member;
  }

  /** scatter ends a crowd: where everybody is now is where they were told to be. */
  private scatter(stream: Stream): void {
    stream.members.forEach((member, slot) => {
      if (member === undefined || !stream.has(member, slot)) return;
      const at = this.place(member);
      if (samePlace(at, member.at)) return;
      member.at = at;
      this.touch(member, Told.Moved);
    });
    stream.crowd = undefined;
  }

  /** park empties slots. Who was in them is gone at the end of the tick, unless a stream has it by then. */
  private park(stream: Stream, first: number, end: number): void {
    for (let slot = first; slot < end; slot++) {
      const member = stream.members[slot];
      if (member === undefined) continue;
      stream.members[slot] = undefined;
      if (stream.has(member, slot)) {
        member.parked = true;
        member.strayed = stream.crowd !== undefined;
        this.parked.push(member);
      }
    }
  }

  private placeAll(stream: Stream, column: Uint8Array): void {
    readMembers(column, (slot, id, x, y, z, heading) => this.seat(stream, slot, id, { x, y, z, heading }));
  }

  /** seat puts somebody into a slot. Who was in view before stays the same entity. */
  private seat(stream: Stream, slot: number, id: number, at: Place): void {
    const there = stream.members[slot];
    if (there !== undefined && stream.has(there, slot)) throw new DesyncError(`${id} enters slot ${slot} of stream ${stream.id}, ${there.id} is there`);
    let member = this.members.get(id);
    if (member !== undefined) {
      this.again(member, at);
    } else {
      this.members.set(id, (member = new Member(id, at)));
      this.touch(member, Told.New);
    }
    member.stream = stream;
    member.slot = slot;
    member.parked = member.strayed = false;
    while (stream.members.length < slot) stream.members.push(undefined);
    stream.members[slot] = member;
    member.near = -1;
    stream.crowd?.stand(slot, at, this.time);
  }

  /** again takes in where somebody is who was in view before. The stream where it was may tell only later that it has left. */
  private again(member: Member, at: Place): void {
    member.told &= ~Told.Traits; // a key told those before this tick
    this.touch(member, Told.Again);
    if (member.strayed || (!member.parked && member.stream.crowd !== undefined) || !samePlace(member.at, at)) { // on a track it was elsewhere
      member.at = at;
      this.touch(member, Told.Moved);
    }
  }

  private trait(stream: Stream, message: Uint8Array): void {
    const trait = parseTrait(message);
    const member = stream.members[trait.slot];
    if (member === undefined) {
      if (stream.partial) return;
      throw new DesyncError(`traits of slot ${trait.slot} of stream ${stream.id}, nobody is there`);
    }
    this.touch(member, Told.Traits);
    this.dress(member, trait.kind, trait.name, trait.attributes);
  }

  /** dress sets what there is to somebody beside the place. */
  private dress(member: Member, kind: number, name: string, attributes: Uint8Array): void {
    if (member.kind === kind && member.name === name && sameBytes(member.attributes, attributes)) return;
    member.kind = kind;
    member.name = name;
    member.attributes = attributes;
    this.touch(member, Told.Changed);
  }

  private mover(stream: Stream): VisitMove {
    return (slot, dx, dy, dz, turn) => {
      const member = stream.members[slot];
      if (stream.crowd !== undefined) throw new DesyncError(`slot ${slot} of stream ${stream.id} moves by steps, in a crowd`);
      if (member === undefined) {
        if (stream.partial) return;
        throw new DesyncError(`slot ${slot} of stream ${stream.id} moves, nobody is there`);
      }
      const { x, y, z, heading } = member.at;
      member.at = { x: (x + dx) | 0, y: (y + dy) | 0, z: (z + dz) | 0, heading: normal(heading + turn) };
      this.touch(member, Told.Moved);
    };
  }

  /** touch notes what a tick tells of somebody. */
  private touch(member: Member, what: number): void {
    if ((member.told & Told.Listed) === 0) this.touched.push(member);
    member.told |= what | Told.Listed;
  }

  /** tell ends a tick: who is parked is gone, and the observer is told everything. */
  private tell(): void {
    const { observer, touched } = this;
    for (const member of this.parked) {
      if (!member.parked || this.members.get(member.id) !== member) continue;
      this.members.delete(member.id);
      if ((member.told & Told.New) === 0) observer.left?.(member);
    }
    for (const member of touched) {
      if ((member.told & (Told.Again | Told.Traits)) === Told.Again) this.dress(member, 0, "", nothing);
    }
    const here = touched.filter((member) => !member.parked);
    const known = here.filter((member) => (member.told & Told.New) === 0);
    for (const member of here) if (member.told & Told.New) observer.appeared?.(member);
    for (const member of known) if (member.told & Told.Moved) observer.moved?.(member);
    for (const member of known) if (member.told & Told.Changed) observer.changed?.(member);
    for (const member of touched) member.told = 0;
  }
}

/** sameBytes reports whether two arrays hold the same. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
