// A server that says what a test tells it to.
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { WebSocketServer, WebSocket } from "ws";
import { Client, type Options } from "../src/client.js";
import type { Events } from "../src/events.js";
import { ids, subprotocol } from "../src/ids.js";
import { HelloSchema, WelcomeSchema, type Hello } from "../src/pb/native/native_pb.js";
import type { SocketClass } from "../src/socket.js";
import { frame, frames, type Frame } from "../src/wire.js";

/** What a test does with a connection: it is told the Hello. */
export type Script = (peer: Peer, hello: Hello, connection: number) => void;

/** A client as the server has it. */
export class Peer {
  readonly heard: Frame[] = [];
  private waiting: (() => void) | undefined;

  constructor(readonly socket: WebSocket) {}

  say<M extends DescMessage>(id: number, schema: M, fields: MessageInitShape<M>): void {
    this.socket.send(frame(id, toBinary(schema, create(schema, fields))));
  }

  welcome(fields: { resumeToken?: Uint8Array; resumed?: boolean } = {}): void {
    const world = { maxX: 100, maxZ: 100, columns: 4, rows: 4, viewRadius: 1, tickRate: 20, quantum: 0.01 };
    this.say(ids.welcome, WelcomeSchema, { version: 1, player: 7, name: "Ann", world, at: { x: 100, z: 200 }, ...fields });
  }

  /** next waits for a message of an id. */
  async next(id: number): Promise<Uint8Array> {
    for (;;) {
      const at = this.heard.findIndex((f) => f.id === id);
      if (at >= 0) return this.heard.splice(at, 1)[0]!.payload;
      await new Promise<void>((resolve) => (this.waiting = resolve));
    }
  }

  take(f: Frame): void {
    this.heard.push(f);
    this.waiting?.();
  }
}

/** serve runs a server and a client of it, until the test ends. What happens to the client is noted in words. */
export async function serve(script: Script, options: Partial<Options>, run: (client: Client, told: string[]) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: (offered) => [...offered].find((p) => p === subprotocol) ?? false });
  await new Promise((resolve) => server.once("listening", resolve));
  let connections = 0;
  server.on("connection", (socket) => {
    const peer = new Peer(socket);
    socket.on("message", (data: Buffer) => {
      for (const f of frames(data)) {
        if (f.id === ids.hello) script(peer, fromBinary(HelloSchema, f.payload), ++connections);
        else peer.take({ id: f.id, payload: f.payload.slice() });
      }
    });
  });
  const { port } = server.address() as { port: number };
  const client = new Client({ url: `ws://127.0.0.1:${port}/ws`, webSocket: WebSocket as unknown as SocketClass, retry: 5, ping: 0, ...options });
  try {
    await run(client, note(client));
  } finally {
    client.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** note notes what happens to a client. */
function note(client: Client): string[] {
  const told: string[] = [];
  const tell = <Name extends keyof Events>(name: Name, words: (event: Events[Name]) => string) =>
    client.on(name, (event) => told.push(`${name} ${words(event)}`));
  tell("connected", (e) => `${e.player}`);
  tell("resumed", (e) => `${e.player}`);
  tell("disconnected", (e) => `${e.name}: ${e.text}${e.final ? ", final" : ""}`);
  tell("appeared", (e) => `${e.id}`);
  tell("left", (e) => `${e.id}`);
  tell("chat", (e) => `${e.channel} ${e.name}: ${e.text}`);
  tell("corrected", (e) => `${e.at.x}, ${e.at.z}`);
  tell("refused", (e) => e.text);
  return told;
}

/** until waits until something is so. */
export async function until(so: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!so()) {
    if (performance.now() > deadline) throw new Error(`it never came about: ${so}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
