import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CloseCode, EndedError, ErrorCode } from "../src/codes.js";
import { ids } from "../src/ids.js";
import {
  AckSchema, Channel, ChatSchema, ErrorSchema, Form, GoodbyeSchema, MoveSchema, NoticeSchema, SaySchema, TickSchema,
} from "../src/pb/native/native_pb.js";
import { serve, until, type Peer } from "./fake.js";

const token = Uint8Array.of(1, 2, 3);

/** show sends a first tick: stream 5 with the player and another one. */
function show(peer: Peer, number = 1n): void {
  const members = [0, 7, 100, 200, 0, 0, 1, 2, 50, 0, 0, 90];
  peer.say(ids.tick, TickSchema, { number, forgetAll: true, shift: { cell: 5 }, keys: [{ stream: 5, members }] });
}

test("a player joins, looks about, walks, talks and goes", async () => {
  let peer!: Peer;
  await serve((p, hello) => {
    peer = p;
    assert.deepEqual([hello.version, hello.login.case, hello.login.value, hello.forms], [1, "guest", "Ann", [Form.BITS]]);
    p.welcome();
    show(p);
  }, { name: "Ann" }, async (client, told) => {
    await client.connect();
    assert.equal(client.state, "playing");
    await until(() => client.view.size === 2);
    assert.deepEqual(client.here(), { x: 1, y: 0, z: 2, heading: 0 });
    assert.deepEqual(client.position(client.view.get(9)!.at), { x: 1.5, y: 0, z: 2, heading: 90 });
    for (const x of [3, 4, 5]) client.move({ x, y: 0, z: 2, heading: 10 });
    assert.deepEqual(client.here(), { x: 5, y: 0, z: 2, heading: 10 });
    const moves = [await peer.next(ids.move), await peer.next(ids.move)].map((m) => fromBinary(MoveSchema, m));
    assert.deepEqual(moves.map((m) => [m.sequence, m.x, m.z, m.heading]), [[1, 300, 200, 10], [2, 500, 200, 10]]);
    peer.say(ids.ack, AckSchema, { sequence: 2, refused: ErrorCode.ERROR_MOVE_REJECTED, at: { x: 300, z: 200 } });
    await until(() => told.includes("corrected 3, 2"));
    assert.ok(client.here().x > 3 && client.here().x <= 5, "the correction is not smoothed over");
    client.say("psst", "nearby");
    assert.equal(fromBinary(SaySchema, await peer.next(ids.say)).channel, Channel.NEARBY);
    peer.say(ids.chat, ChatSchema, { id: 1n, player: 9, text: "hi", channel: Channel.NEARBY });
    peer.say(ids.notice, NoticeSchema, { text: "soon" });
    assert.equal((await client.once("notice")).text, "soon");
    client.close();
    await peer.next(ids.goodbye);
    assert.deepEqual(told, ["connected 7", "appeared 7", "appeared 9", "corrected 3, 2", "chat nearby guest-9: hi", "disconnected GOODBYE: closed, final"]);
    assert.equal(client.move({ x: 1, y: 0, z: 1, heading: 0 }), undefined);
  });
});

test("a lost connection is resumed, and who is in view stays", async () => {
  await serve((peer, hello, connection) => {
    assert.equal(hello.login.case, connection === 1 ? "guest" : "resumeToken");
    if (connection > 1) assert.deepEqual([...(hello.login.value as Uint8Array)], [...token]);
    peer.welcome({ resumeToken: token, resumed: connection > 1 });
    show(peer, BigInt(connection));
    if (connection < 3) peer.socket.terminate();
  }, {}, async (client, told) => {
    await client.connect();
    await until(() => told.filter((t) => t.startsWith("resumed")).length === 2 && client.view.size === 2);
    assert.deepEqual(told.filter((t) => /appeared|left/.test(t)), ["appeared 7", "appeared 9"]);
    assert.equal(told.filter((t) => t.startsWith("disconnected PEER_LEFT")).length, 2);
  });
});

for (const [code, comes] of [[4001, true], [4002, true], [1006, true], [1012, true], [4501, false], [4503, false], [4506, false], [1002, false]] as const) {
  test(`after ${code} a client ${comes ? "comes back" : "stays away"}`, async () => {
    let connections = 0;
    await serve((peer) => {
      connections++;
      peer.welcome({ resumeToken: token });
      if (connections > 1) return;
      if (code === 1006) peer.socket.terminate();
      else peer.socket.close(code, "because");
    }, {}, async (client) => {
      const goes = client.once("disconnected");
      await client.connect();
      const gone = await goes;
      assert.deepEqual([gone.code, gone.final], [code, !comes]);
      assert.equal(gone.text, code === 1006 ? "connection lost" : "because");
      if (comes) await until(() => client.state === "playing");
      else assert.equal(client.state, "ended");
      assert.equal(connections, comes ? 2 : 1);
    });
  });
}

test("a server's word counts more than the close that follows, and so does the time it asks for", async () => {
  await serve((peer, _, connection) => {
    peer.welcome({ resumeToken: token });
    if (connection > 1) return;
    peer.say(ids.error, ErrorSchema, { fatal: true, close: CloseCode.CLOSE_SHUTDOWN, code: ErrorCode.ERROR_DRAINING, message: "bye", retryAfterMs: 40 });
    peer.socket.close(1000);
  }, {}, async (client) => {
    const goes = client.once("disconnected");
    await client.connect();
    const gone = await goes;
    const began = performance.now();
    assert.deepEqual([gone.code, gone.text, gone.retryIn], [4001, "bye", 40]);
    await until(() => client.state === "playing");
    assert.ok(performance.now() - began >= 35);
  });
});

test("who comes too late to resume begins anew", async () => {
  const logins: unknown[] = [];
  await serve((peer, hello) => {
    logins.push(hello.login.case);
    if (hello.login.case !== "resumeToken") return peer.welcome();
    peer.say(ids.error, ErrorSchema, { fatal: true, close: CloseCode.CLOSE_UNAUTHENTICATED, code: ErrorCode.ERROR_RESUME_FAILED });
    peer.socket.close(4501);
  }, { resume: token }, async (client) => {
    await client.connect();
    assert.deepEqual(logins, ["resumeToken", "guest"]);
  });
});

test("an account asks for a token each time it logs in", async () => {
  let asked = 0;
  const logins: unknown[] = [];
  await serve((peer, hello, connection) => {
    logins.push(hello.login.value);
    peer.welcome();
    if (connection === 1) peer.say(ids.error, ErrorSchema, { fatal: true, code: ErrorCode.ERROR_TOKEN_EXPIRED, close: CloseCode.CLOSE_TOKEN_EXPIRED });
    if (connection === 1) peer.socket.close(4010);
  }, { token: () => `token ${++asked}` }, async (client) => {
    await client.connect();
    await until(() => logins.length === 2 && client.state === "playing");
    assert.deepEqual(logins, ["token 1", "token 2"]);
  });
});

test("a first connection that does not come about is told", async () => {
  await serve((peer) => peer.say(ids.goodbye, GoodbyeSchema, { code: CloseCode.CLOSE_TOO_MANY_CONNECTIONS, text: "full" }), {}, async (client) => {
    await assert.rejects(client.connect(), (error) => error instanceof EndedError && error.end.code === 4008);
  });
});

test("silence ends a connection", async () => {
  await serve((peer) => peer.welcome({ resumeToken: token }), { silence: 50 }, async (client) => {
    await client.connect();
    assert.equal((await client.once("disconnected")).text, "nothing was heard");
    await until(() => client.state === "playing");
  });
});

test("a tick that does not fit ends the view and the connection, and the next one has the same player", async () => {
  await serve((peer, _, connection) => {
    peer.welcome({ resumeToken: token, resumed: connection > 1 });
    show(peer, BigInt(connection));
    if (connection === 1) peer.say(ids.tick, TickSchema, { number: 2n, deltas: [{ stream: 5, epoch: 3, left: [0] }] });
  }, {}, async (client, told) => {
    await client.connect();
    await until(() => told.at(-1) === "appeared 9" && told.includes("resumed 7"));
    assert.match(told.join("\n"), /appeared 9\nleft 7\nleft 9\ndisconnected PEER_LEFT: lost the thread: DesyncError.*\nresumed 7\nappeared 7\nappeared 9/);
  });
});

test("a listener that throws harms nobody", async () => {
  const thrown: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", (error) => thrown.push(error));
  await serve((peer) => {
    peer.welcome();
    show(peer);
  }, {}, async (client, told) => {
    client.on("appeared", () => { throw new Error("a bug in a game"); });
    await client.connect();
    await until(() => client.view.size === 2);
    assert.deepEqual(told, ["connected 7", "appeared 7", "appeared 9"]);
  });
  process.removeAllListeners("uncaughtException");
  before.forEach((listener) => process.on("uncaughtException", listener));
  assert.equal(thrown.length, 2);
});
