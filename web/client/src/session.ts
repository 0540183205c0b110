import { fromBinary } from "@bufbuild/protobuf";
import { CloseCode, endOf, ErrorCode, type End } from "./codes.js";
import type { Events } from "./events.js";
import { firstGameId, ids } from "./ids.js";
import { Clock, Path, Prediction, WorldTime, type Glide } from "./motion.js";
import {
  AckSchema, Channel, ChatSchema, ErrorSchema, GestureSchema, GoodbyeSchema, NoticeSchema, PongSchema, WelcomeSchema, WorldSchema,
  type Place as WirePlace, type Welcome, type World,
} from "./pb/native/native_pb.js";
import { Lattice, type Place } from "./place.js";
import { Replica, shownName, type Entity } from "./replica.js";
import type { Frame } from "./wire.js";

/** Emit tells an event. */
type Emit = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;

/** A Session is what a client knows of its player and of the world, over as many connections as it takes. It has no socket. */
export class Session {
  replica = new Replica();
  readonly clock = new Clock();
  welcome: Welcome | undefined;
  lattice = new Lattice({ minX: 0, maxX: 0, minZ: 0, maxZ: 0, quantum: 1 });
  me = new Prediction({ x: 0, y: 0, z: 0, heading: 0 });
  /** With which the next connection goes on as the same player. */
  token: Uint8Array | undefined;
  /** Whether there was nothing to resume: the next connection is a new player's. */
  outlived = false;

  private readonly paths = new Map<number, Path>();
  private glide: Glide;

  constructor(private readonly emit: Emit, private readonly now: () => number, glide: Omit<Glide, "jump" | "time">) {
    this.glide = { ...glide, jump: Infinity, time: new WorldTime() };
  }

  /** shown returns where to show somebody in view: on the way between the places that were told, or along a track. */
  shown(id: number): Place | undefined {
    const path = this.paths.get(id), entity = this.replica.entities.get(id);
    if (path === undefined || entity === undefined) return undefined;
    const now = this.now();
    const track = this.replica.track(entity);
    if (track !== undefined) path.follow(track, now);
    return path.show(now);
  }

  /** take takes in one message. It returns the connection's end if the message tells that, and throws what is wrong with it. */
  take({ id, payload }: Frame): End | undefined {
    switch (id) {
      case ids.tick: this.tick(payload); break;
      case ids.welcome: this.welcomed(payload); break;
      case ids.ack: this.acked(payload); break;
      case ids.pong: this.pong(payload); break;
      case ids.world: this.recut(payload); break;
      case ids.error: return this.error(payload);
      case ids.goodbye: {
        const { code, text, reconnectAfterMs } = fromBinary(GoodbyeSchema, payload);
        return endOf(code, text, reconnectAfterMs);
      }
      default: this.heard(id, payload);
    }
    return undefined;
  }

  /** forgetView tells that everybody has left the view, and begins another one. */
  forgetView(): void {
    for (const id of [...this.paths.keys()]) {
      const entity = this.replica.entities.get(id);
      this.paths.delete(id);
      if (entity !== undefined) this.emit("left", entity);
    }
    this.beginView();
  }

  /** beginView begins a view in which nobody is. */
  private beginView(): void {
    const extent = this.lattice.extent();
    this.glide = { ...this.glide, time: new WorldTime(extent) };
    const replica: Replica = new Replica({
      left: (entity) => {
        this.paths.delete(entity.id);
        this.emit("left", entity);
      },
      appeared: (entity) => {
        this.paths.set(entity.id, new Path(entity.at, this.now(), this.glide));
        this.seeMyself(entity);
        this.emit("appeared", entity);
      },
      moved: (entity) => {
        if (replica.track(entity) === undefined) this.paths.get(entity.id)?.step(entity.at, this.now());
        this.seeMyself(entity);
        this.emit("moved", entity);
      },
      changed: (entity) => this.emit("changed", entity),
    }, extent);
    this.replica = replica;
  }

  /** seeMyself takes in where the server shows the player itself: the confirmation of a move. */
  private seeMyself(entity: Entity): void {
    if (entity.id === this.welcome?.player) this.me.see(entity.at, this.now());
  }

  private tick(payload: Uint8Array): void {
    const { replica } = this;
    const before = replica.cell;
    replica.apply(payload);
    this.glide.time.hear(replica.time, this.now());
    if (replica.cell !== before) this.emit("shifted", { cell: replica.cell });
    this.emit("tick", { number: replica.number });
  }

  private welcomed(payload: Uint8Array): void {
    const welcome = fromBinary(WelcomeSchema, payload);
    const world = welcome.world as World; // a Welcome has one
    this.welcome = welcome;
    this.token = welcome.resumeToken.length > 0 ? welcome.resumeToken : undefined;
    this.survey(world);
    this.me = new Prediction(placeOf(welcome.at));
    if (!welcome.resumed) {
      this.beginView();
      this.paths.clear();
    }
    this.emit(welcome.resumed ? "resumed" : "connected", { player: welcome.player, name: welcome.name });
  }

  /** survey takes in how a world is cut. */
  private survey(world: World): void {
    this.lattice = new Lattice(world);
    const cell = Math.min((world.maxX - world.minX) / world.columns, (world.maxZ - world.minZ) / world.rows);
    this.glide = { ...this.glide, jump: cell / 2 / world.quantum };
  }

  /** recut takes in that the operator has had the cells or the tick changed. */
  private recut(payload: Uint8Array): void {
    const world = fromBinary(WorldSchema, payload);
    if (this.welcome !== undefined) this.welcome.world = world;
    this.survey(world);
    this.emit("world", world);
  }

  private acked(payload: Uint8Array): void {
    const ack = fromBinary(AckSchema, payload);
    if (ack.refused === ErrorCode.ERROR_NONE) {
      this.me.confirm(ack.sequence);
      return;
    }
    this.me.correct(placeOf(ack.at), this.now());
    this.emit("corrected", { code: ack.refused, at: this.lattice.position(this.me.told) });
  }

  private pong(payload: Uint8Array): void {
    const { time, serverMicros } = fromBinary(PongSchema, payload);
    const trip = this.now() - Number(time) / 1000;
    if (trip >= 0) this.clock.pong(trip, serverMicros); // else it is none of ours
  }

  private error(payload: Uint8Array): End | undefined {
    const { code, message, inReplyTo, retryAfterMs, fatal, close } = fromBinary(ErrorSchema, payload);
    if (code === ErrorCode.ERROR_RESUME_FAILED) this.outlived = true;
    if (this.outlived || (fatal && code === ErrorCode.ERROR_TOKEN_EXPIRED)) this.token = undefined; // what was resumed is as old
    if (fatal) {
      const end = endOf(close === CloseCode.CLOSE_NONE ? CloseCode.CLOSE_PEER_LEFT : close, message, retryAfterMs);
      return { ...end, final: end.final && !this.outlived };
    }
    this.emit("refused", { code, text: message, inReplyTo, retryAfter: retryAfterMs });
    return undefined;
  }

  /** heard takes in what is only to be told. */
  private heard(id: number, payload: Uint8Array): void {
    switch (id) {
      case ids.chat: {
        const { id, channel, player, name, text, tick } = fromBinary(ChatSchema, payload);
        this.emit("chat", {
          id, player, text, tick: Number(tick), channel: channel === Channel.NEARBY ? "nearby" : "world",
          name: shownName({ id: player, kind: 0, name }),
        });
        break;
      }
      case ids.gesture: {
        const { player, number } = fromBinary(GestureSchema, payload);
        this.emit("gesture", { player, number });
        break;
      }
      case ids.notice:
        this.emit("notice", { text: fromBinary(NoticeSchema, payload).text });
        break;
      default:
        if (id >= firstGameId) this.emit("message", { id, payload: payload.slice() });
    }
  }
}

/** placeOf is a place as a message has it. */
function placeOf(place: WirePlace | undefined): Place {
  return { x: place?.x ?? 0, y: place?.y ?? 0, z: place?.z ?? 0, heading: place?.heading ?? 0 };
}
