import { WebSocket } from "ws";
import { Client, type Place, type SocketClass } from "../src/index.js";

/** What everybody is told by: what is wrong. */
export type Complain = (what: string) => void;

/** A Walker is a client that walks about, remembers every move that it has sent, and judges what it is told as it is told. */
export class Walker {
  readonly client: Client;
  /** The moves by number, which is the height of the place; 0 is where the server put the walker. Undefined where it did not. */
  readonly moves: (Place | undefined)[] = [];
  /** How often each chat of the walkers was heard in this round. */
  readonly heard = new Map<string, number>();
  /** Whether something may have been lost in this round. */
  disturbed = false;
  resumed = 0;
  shifts = 0;
  crowdedTicks = 0; // in which a crowd was in view

  private crowded = false; // as of the tick before
  private socket!: WebSocket;
  private readonly shown = new Map<number, number>(); // the number of the move at which somebody is shown, by id

  constructor(url: string, name: string, form: "bits" | "columns", private readonly known: Map<number, Walker>, private readonly complain: Complain) {
    const keep = (socket: WebSocket) => (this.socket = socket);
    class Kept extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        keep(this);
      }
    }
    this.client = new Client({ url, name, form, retry: 50, webSocket: Kept as unknown as SocketClass });
    this.listen();
  }

  /** join comes into the world. */
  async join(): Promise<void> {
    await this.client.connect();
  }

  /** step goes somewhere near, more often than not into another cell. */
  step(random: () => number): void {
    const { client } = this;
    const { world } = client;
    if (world === undefined || client.state !== "playing") return;
    const { x, z } = client.here();
    const stride = 1.2;
    const beside = (v: number, low: number, high: number, cells: number) => {
      const to = v + (random() - 0.5) * stride * ((high - low) / cells);
      return to < low ? 2 * low - to : to > high ? 2 * high - to : to;
    };
    this.move(beside(x, world.minX, world.maxX, world.columns), beside(z, world.minZ, world.maxZ, world.rows), random() * 360);
  }

  /** repeat asks once more to be where it is: the last move may have been lost. */
  repeat(): void {
    const { x, z, heading } = this.client.here();
    this.move(x, z, heading);
  }

  private move(x: number, z: number, heading: number): void {
    const number = this.moves.length || 1;
    const place = this.client.move({ x, y: number * this.client.world!.quantum, z, heading });
    if (place !== undefined) this.moves[number] = place;
  }

  /** The place where the walker truly is, once its last move has arrived. */
  get truth(): Place | undefined {
    return this.moves.at(-1);
  }

  /** cut ends the connection, in the middle of whatever is under way. */
  cut(): void {
    this.disturbed = true;
    this.socket.terminate();
  }

  /** stall stops reading for a while. */
  stall(millis: number): void {
    const { socket } = this;
    this.disturbed = true; // chats to the world are kept, but may be too many
    socket.pause();
    setTimeout(() => socket.resume(), millis);
  }

  private listen(): void {
    const { client, shown } = this;
    client.on("connected", ({ player }) => {
      this.known.set(player, this);
      if (this.moves.length > 0) this.complain(`${player} is a new player, and should have resumed`);
      this.moves[0] = undefined;
    });
    client.on("resumed", () => void this.resumed++);
    client.on("shifted", () => void this.shifts++);
    client.on("corrected", ({ code }) => this.wrong(client.player, `is corrected: ${code}`));
    client.on("disconnected", ({ name, text, final }) => {
      if (text.startsWith("lost the thread") || (final && name !== "GOODBYE")) this.wrong(client.player, `is closed: ${name} ${text}`);
    });
    client.on("appeared", ({ id, at }) => {
      if (shown.has(id)) this.wrong(id, "appears twice");
      if (id === client.player && this.moves[0] === undefined) this.moves[0] = at;
      shown.set(id, this.crowded ? 0 : this.judge(id, at, 0));
    });
    client.on("moved", ({ id, at }) => {
      const before = shown.get(id);
      if (before === undefined) this.wrong(id, "moves unseen");
      // As a crowd ends, everybody is where it was reckoned to be, which need not be a place where it was.
      shown.set(id, this.crowded ? 0 : this.judge(id, at, before ?? 0));
    });
    client.on("tick", () => {
      this.crowded = client.crowds.length > 0;
      if (this.crowded) this.crowdedTicks++;
    });
    client.on("left", ({ id }) => {
      if (!shown.delete(id)) this.wrong(id, "leaves unseen");
      if (id === client.player && !this.disturbed) this.wrong(id, "leaves its own view"); // else its cell may come in parts
    });
    client.on("chat", ({ text, channel }) => {
      if (channel === "world") this.heard.set(text, (this.heard.get(text) ?? 0) + 1);
    });
  }

  /** judge returns which move a place stands for, and complains of one at which somebody has never been, or was before. */
  private judge(id: number, at: Place, before: number): number {
    const moves = this.known.get(id)?.moves;
    const number = at.y;
    const sent = moves?.[number];
    if (number === 0 || moves === undefined) return number; // where it began, or one that does not know its own id yet
    if (sent === undefined || sent.x !== at.x || sent.z !== at.z || sent.heading !== at.heading) this.wrong(id, `is shown at ${JSON.stringify(at)}, where it has never been`);
    if (number < before) this.wrong(id, `goes back from move ${before} to ${number}`);
    return number;
  }

  private wrong(id: number, what: string): void {
    this.complain(`to ${this.client.player}, ${id} ${what}`);
  }
}
