/**
 * The TypeScript client of aoiworld. A {@link Client} is a connection that resumes by itself, with one's own moves predicted and
 * everybody else's places interpolated; a {@link Replica} is what a server shows to one viewer, for whoever has a connection of
 * their own.
 *
 * @module
 */
export { Client, type Options, type State } from "./client.js";
export { CloseCode, EndedError, ErrorCode, isFinal, type End } from "./codes.js";
export type { Crowd } from "./crowd.js";
export { Emitter } from "./emitter.js";
export type { Channel, Events, Said } from "./events.js";
export type { Group } from "./fixes.js";
export { firstGameId, subprotocol } from "./ids.js";
export type { Limits, World } from "./pb/native/native_pb.js";
export { Lattice, type Geometry, type Place, type Position } from "./place.js";
export { DesyncError, Replica, shownName, type Entity, type Observer } from "./replica.js";
export type { Socket, SocketClass } from "./socket.js";
export { type Extent, type Track, type Velocity } from "./track.js";
export { frame, frames, headerSize, MalformedError, type Frame } from "./wire.js";
