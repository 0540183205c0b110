import type { End } from "./codes.js";
import type { World } from "./pb/native/native_pb.js";
import type { Position } from "./place.js";
import type { Entity } from "./replica.js";

/** How far a chat goes: to the whole world, or to everybody who sees the player. */
export type Channel = "world" | "nearby";

/** What somebody said. */
export interface Said {
  /** Unique in its world. */
  id: bigint;
  channel: Channel;
  player: number;
  /** Under which the speaker is shown. */
  name: string;
  text: string;
  tick: number;
}

/** The events of a Client, and what is told of each. */
export interface Events {
  /** Let in as a new player: nobody is in view but who appears from now on. */
  connected: { player: number; name: string };
  /** Let in as the same player as before: who is in view still does not appear again. */
  resumed: { player: number; name: string };
  /** A connection has ended. The next one is made in `retryIn` milliseconds; where that is undefined there is none. */
  disconnected: End & { retryIn: number | undefined };
  /** Somebody came into view, oneself included. */
  appeared: Entity;
  /** Somebody in view moved. */
  moved: Entity;
  /** Somebody's name, kind or attributes are new. */
  changed: Entity;
  /** Somebody left the view. */
  left: Entity;
  /** One's view is from another cell now. */
  shifted: { cell: number };
  /** The operator has had the world cut into other cells, or its tick changed. */
  world: World;
  /** A tick was taken in: everything in it has been told. */
  tick: { number: number };
  /** Somebody said something. */
  chat: Said;
  /** Somebody made a gesture. */
  gesture: { player: number; number: number };
  /** The server said something. */
  notice: { text: string };
  /** Something that was sent had no effect. */
  refused: { code: number; text: string; inReplyTo: number; retryAfter: number };
  /** A move had no effect: one is here. */
  corrected: { code: number; at: Position };
  /** A game's own message. The payload is a copy. */
  message: { id: number; payload: Uint8Array };
}
