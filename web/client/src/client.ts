import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { CloseCode, EndedError, endOf, type End } from "./codes.js";
import { Emitter } from "./emitter.js";
import type { Crowd } from "./crowd.js";
import type { Channel, Events } from "./events.js";
import { ids, subprotocol, version } from "./ids.js";
import {
  Channel as WireChannel, Form, GestureSchema, GoodbyeSchema, HelloSchema, HideSchema, MoveSchema, PingSchema, SaySchema, type Limits,
  type World,
} from "./pb/native/native_pb.js";
import type { Place, Position } from "./place.js";
import type { Entity } from "./replica.js";
import { Session } from "./session.js";
import { openSocket, type Socket, type SocketClass } from "./socket.js";
import { frame, frames } from "./wire.js";

/** Where a client connects, and as whom. All but the URL may be left out. */
export interface Options {
  /** A ws:// or wss:// URL, as in ws://127.0.0.1:8080/ws. */
  url: string;
  /** What a guest wishes to be called; Client.name is what it is called. */
  name?: string;
  /** Returns an access token that is good now: the client logs in with an account. It is asked whenever there is nothing to resume. */
  token?: () => string | Promise<string>;
  /** A resumeToken of before, as after a page was loaded anew: the client goes on as that player, if it is not too late. */
  resume?: Uint8Array;
  /** Has a moderator come in hidden: none but moderators are told of it. Who is none is refused. */
  hidden?: boolean;
  /** What the client calls itself, for the server's log. */
  version?: string;
  /** The form of moves. Bits are smaller, columns are protobuf's own. */
  form?: "bits" | "columns";
  /** The first pause before a connection is made anew (ms, 250); it doubles up to 32 times as long. Below 0 there is none. */
  retry?: number;
  /** How often the way to the server is measured (ms, 2000); 0 is never. */
  ping?: number;
  /** After so much silence a connection is given up (ms, 20,000). It must be longer than `ping`, or 0, which is never. */
  silence?: number;
  /** The longest that a step of others is drawn out (ms, 250). */
  longestStep?: number;
  /** For how long others go on whose next place is late (ms, 100); they slow down until then. 0 is not at all. */
  extrapolate?: number;
  /** Makes sockets, where WebSocket is not to be had, as in Node before version 22. */
  webSocket?: SocketClass;
}

/** How a client stands: connecting for the first time, playing, waiting to be connected again, or ended for good. */
export type State = "idle" | "connecting" | "playing" | "waiting" | "ended";

/** How often the first pause doubles, at most. */
const doublings = 5;

/** With which code a connection is closed whose player goes on: to the server it is a lost one. */
const comingBack = 4000;

/** How long a server may take from its last word to the close (ms). */
const closeTime = 1000;

/** A Client is a player's connection to a server, which is made anew when it is lost. */
export class Client extends Emitter<Events> {
  /** How many bytes of messages were received and sent, over all connections. */
  readonly traffic = { received: 0, sent: 0 };

  private readonly session: Session;
  private readonly options: Required<Omit<Options, "token" | "resume" | "webSocket">> & Options;
  private standing: State = "idle";
  private socket: Socket | undefined;
  private letGo = () => {};
  private joined = false;
  private end: End | undefined; // as the server told it on this connection
  private failures = 0; // connections in a row that did not live long
  private began = 0;
  private heard = 0;
  private attempts = 0;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private sequence = 0;
  private sent = -Infinity; // when the last move was
  private wish: Place | undefined; // a move that is held back
  private settle: { resolve(): void; reject(error: Error): void } | undefined;

  /** A client that does nothing until it is told to connect. */
  constructor(options: Options) {
    super();
    this.options = {
      name: "", hidden: false, version: "aoiworld-client", form: "bits", retry: 250, ping: 2000, silence: 20_000, longestStep: 250, extrapolate: 100,
      ...options,
    };
    const { longestStep: longest, extrapolate: beyond, resume } = this.options;
    this.session = new Session((name, event) => this.emit(name, event), () => performance.now(), { longest, beyond });
    this.session.token = resume;
  }

  /** connect connects, and resolves when the player is in the world. It rejects with an EndedError if that does not come about. */
  connect(): Promise<void> {
    if (this.standing !== "idle") return Promise.reject(new Error("a client connects once"));
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      void this.open();
    });
  }

  /** close says goodbye and ends the client. */
  close(): void {
    if (this.standing === "ended") return;
    if (this.standing === "playing") this.message(ids.goodbye, GoodbyeSchema, {});
    this.lost({ ...endOf(CloseCode.CLOSE_GOODBYE, "closed"), final: true });
  }

  /** reconnect does not wait any longer for the next connection, as when one has come out of a tunnel. */
  reconnect(): void {
    if (this.standing === "waiting" && this.socket === undefined) void this.open();
  }

  /** How the client stands. */
  get state(): State {
    return this.standing;
  }

  /** One's own id, 0 before the first connection. */
  get player(): number {
    return this.session.welcome?.player ?? 0;
  }

  /** The name under which others are shown the player. */
  get name(): string {
    return this.session.welcome?.name ?? "";
  }

  /** What the server says of its world; undefined before the first connection. */
  get world(): World | undefined {
    return this.session.welcome?.world;
  }

  /** What a client may do, by the server; undefined before the first connection. */
  get limits(): Limits | undefined {
    return this.session.welcome?.limits;
  }

  /** With which another client may go on as this player, once: a page that is loaded anew. */
  get resumeToken(): Uint8Array | undefined {
    return this.session.token;
  }

  /** Everybody in view by id, oneself included, as the server told last. */
  get view(): ReadonlyMap<number, Entity> {
    return this.session.replica.entities;
  }

  /** The crowds in view, which are told of otherwise than the few: where most members are is reckoned. */
  get crowds(): readonly Crowd[] {
    return this.session.replica.crowds;
  }

  /** place returns where an entity in view is as of the last tick. In a crowd that is reckoned; shown is for drawing. */
  place(entity: Entity): Place {
    return this.session.replica.place(entity);
  }

  /** The cell from which one looks: row × columns + column. */
  get cell(): number {
    return this.session.replica.cell;
  }

  /** The way to the server: how long a message takes there and back, and how far its clock is ahead (ms). */
  get clock(): { readonly roundTrip: number | undefined; readonly ahead: number } {
    return this.session.clock;
  }

  /** position returns the position of an entity's place. */
  position(at: Place): Position {
    return this.session.lattice.position(at);
  }

  /** here returns where to show the player itself: where its moves that are under way will have taken it. */
  here(): Position {
    return this.position(this.wish ?? this.session.me.here(performance.now()));
  }

  /** shown returns where to show somebody in view, on the way between the places that were told; undefined for who is not in view. */
  shown(id: number): Position | undefined {
    if (id === this.player && this.joined) return this.here();
    const at = this.session.shown(id);
    return at && this.position(at);
  }

  /**
   * move asks to be at a position, and shows the player there at once: see here. It may be called as often as one likes: moves are
   * sent as often as the world ticks, and the last one always is. It returns the place that is asked for. Without a connection
   * nothing happens, and undefined is returned.
   */
  move(to: Position): Place | undefined {
    if (this.standing !== "playing") return undefined;
    const held = this.wish !== undefined;
    const place = (this.wish = this.session.lattice.place(to));
    const wait = this.sent + 1000 / (this.world?.tickRate || 20) - performance.now();
    if (wait <= 0) this.sendMove();
    else if (!held) this.after(wait, () => this.sendMove());
    return place;
  }

  /** say says a text to the whole world, or to everybody near. It returns whether there is a connection. */
  say(text: string, channel: Channel = "world"): boolean {
    return this.message(ids.say, SaySchema, { text, channel: channel === "nearby" ? WireChannel.NEARBY : WireChannel.WORLD });
  }

  /** gesture shows everybody near a number: a wave, a blow. It returns whether there is a connection. */
  gesture(number: number): boolean {
    return this.message(ids.gesture, GestureSchema, { number });
  }

  /** hide hides a moderator from all who are none, or shows him again. It returns whether there is a connection. */
  hide(hidden: boolean): boolean {
    return this.message(ids.hide, HideSchema, { hidden });
  }

  /** send sends a game's own message. It returns whether there is a connection. */
  send(id: number, payload: Uint8Array = new Uint8Array()): boolean {
    return this.standing === "playing" && this.write(id, payload);
  }

  private sendMove(): void {
    const place = this.wish;
    if (place === undefined || this.standing !== "playing") return;
    this.wish = undefined;
    this.sent = performance.now();
    this.session.me.add(++this.sequence, place);
    this.message(ids.move, MoveSchema, { sequence: this.sequence, ...place });
  }

  private message<M extends DescMessage>(id: number, schema: M, fields: MessageInitShape<M>): boolean {
    return this.send(id, toBinary(schema, create(schema, fields)));
  }

  private write(id: number, payload: Uint8Array): boolean {
    const bytes = frame(id, payload);
    this.traffic.sent += bytes.length;
    this.socket?.send(bytes);
    return true;
  }

  /** after calls a function later, unless the connection has ended by then. */
  private after(millis: number, call: () => void): void {
    const timer = setTimeout(() => {
      this.timers = this.timers.filter((other) => other !== timer);
      call();
    }, millis);
    this.timers.push(timer);
  }

  private clearTimers(): void {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }

  /** open begins a connection. Its first message is there before it, since an access token may take its time. */
  private async open(): Promise<void> {
    this.clearTimers();
    this.standing = this.joined ? "waiting" : "connecting";
    this.end = this.wish = undefined;
    this.session.outlived = false;
    this.began = this.heard = performance.now();
    const attempt = ++this.attempts;
    let hello: Uint8Array;
    try {
      hello = await this.hello();
    } catch (error) {
      if (attempt === this.attempts) this.lost(endOf(CloseCode.CLOSE_PEER_LEFT, `no access token: ${String(error)}`));
      return;
    }
    if (attempt !== this.attempts) return; // closed meanwhile
    const { url, webSocket } = this.options;
    const make = webSocket ?? (globalThis.WebSocket as unknown as SocketClass);
    [this.socket, this.letGo] = openSocket(make, url, subprotocol, {
      open: () => this.greet(hello),
      message: (bytes) => this.take(bytes),
      close: (code, reason) => this.lost(this.end ?? endOf(code, reason || "connection lost")),
    });
    this.watch();
  }

  /** hello returns the first message of a connection. */
  private async hello(): Promise<Uint8Array> {
    const { name: guest, token: ask, form, version: client, hidden } = this.options;
    const { token } = this.session;
    const login = token !== undefined
      ? { case: "resumeToken" as const, value: token }
      : ask !== undefined
        ? { case: "accessToken" as const, value: await ask() }
        : { case: "guest" as const, value: guest };
    const forms = form === "bits" ? [Form.BITS] : [];
    return toBinary(HelloSchema, create(HelloSchema, { version, minVersion: version, client, forms, login, hidden: hidden && login.case === "accessToken" }));
  }

  /** greet says the first message, to a server that speaks the dialect. */
  private greet(hello: Uint8Array): void {
    if (this.socket?.protocol === subprotocol) this.write(ids.hello, hello);
    else this.hangUp(endOf(CloseCode.CLOSE_VERSION, `the server does not speak ${subprotocol}`));
  }

  /** take takes in the frames of a message. */
  private take(bytes: Uint8Array): void {
    const { socket } = this;
    this.traffic.received += bytes.length;
    this.heard = performance.now();
    try {
      for (const one of frames(bytes)) {
        const end = this.session.take(one);
        if (end !== undefined) this.dismissed(end);
        if (one.id === ids.welcome) this.enter();
        if (this.socket !== socket) return; // a listener has closed the client
      }
    } catch (error) {
      this.session.forgetView();
      this.hangUp(endOf(CloseCode.CLOSE_PEER_LEFT, `lost the thread: ${String(error)}`));
    }
  }

  /** dismissed takes in that the server ends the connection. The close should follow. */
  private dismissed(end: End): void {
    this.end = end;
    this.after(closeTime, () => this.hangUp(end));
  }

  /** enter begins to play: the server has let the player in. */
  private enter(): void {
    this.standing = "playing";
    this.joined = true;
    this.settle?.resolve();
    this.settle = undefined;
    this.ping();
  }

  /** ping measures the way to the server, now and again and again. */
  private ping(): void {
    const { ping } = this.options;
    if (ping <= 0) return;
    this.message(ids.ping, PingSchema, { time: BigInt(Math.round(performance.now() * 1000)) });
    this.after(ping * (0.8 + 0.4 * Math.random()), () => this.ping()); // not in step with the ticks
  }

  /** watch gives a connection up on which nothing is heard. */
  private watch(): void {
    const { silence } = this.options;
    if (silence <= 0) return;
    const left = this.heard + silence - performance.now();
    if (left <= 0) this.hangUp(endOf(CloseCode.CLOSE_PEER_LEFT, "nothing was heard"));
    else this.after(left, () => this.watch());
  }

  /** hangUp ends a connection from this side. */
  private hangUp(end: End): void {
    this.lost(this.end ?? end);
  }

  /** lost deals with a connection's end: another one is made after a pause, or none. */
  private lost(end: End): void {
    this.clearTimers();
    this.attempts++;
    this.letGo();
    this.socket?.close(end.final ? 1000 : comingBack);
    this.socket = undefined;
    const lived = performance.now() - this.began > this.options.retry * 2 ** doublings;
    this.failures = this.joined && lived ? 0 : this.failures;
    const { outlived } = this.session;
    const gone = end.final || this.options.retry < 0 || !(this.joined || outlived);
    const retryIn = gone ? undefined : outlived ? 0 : end.retryAfter || this.pause();
    this.standing = gone ? "ended" : "waiting";
    this.failures++;
    if (retryIn !== undefined) this.after(retryIn, () => void this.open());
    this.emit("disconnected", { ...end, final: gone, retryIn });
    if (gone) this.settle?.reject(new EndedError(end));
  }

  /** pause is somewhat more or less than it should be, so that not all who were cut off together come together. */
  private pause(): number {
    return this.options.retry * 2 ** Math.min(this.failures, doublings) * (0.5 + Math.random());
  }
}
