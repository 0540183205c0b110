import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CloseCode } from "../../client/src/codes.js";
import { sizeOf } from "../../common/src/bytes.js";
import { Api, Problem, type Send } from "../src/api.js";
import { changes } from "../src/controls.js";
import type { Figures, Inspected, Player } from "../src/contract.js";
import { tokenIn } from "../src/credentials.js";
import { History } from "../src/history.js";
import { Latest } from "../src/latest.js";
import { hostOf, kicking, knownBy, sanctioning } from "../src/measures.js";
import { Poll } from "../src/poll.js";
import { listed, sums } from "../src/tally.js";
import { called, closeName, explain, millis, reasons, short, since } from "../src/words.js";

/** figuresOf returns figures with samples from one number to another. */
function figuresOf(started: string, from: number, to: number, closes: Record<string, number[]> = {}): Figures {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const columns = { time: numbers.map((n) => n * 1000), players: numbers.map((n) => n % 100) };
  return { started, last: to, now: {} as Figures["now"], totals: { closes: {} }, history: { numbers, columns, closes } };
}

test("history grows by what is new, keeps ten minutes, and begins anew with the server", () => {
  const history = new History();
  history.take(figuresOf("a", 1, 3, { 1006: [0, 2, 0] }));
  history.take(figuresOf("a", 2, 5, { 4503: [0, 0, 1, 0] })); // two are known already
  assert.deepEqual(history.times(), [1, 2, 3, 4, 5]);
  assert.deepEqual(history.closes, { 1006: [0, 2, 0, 0, 0], 4503: [0, 0, 0, 1, 0] });
  history.take(figuresOf("a", 6, 5));
  assert.equal(history.last, 5);
  history.take(figuresOf("a", 6, 700));
  assert.equal(history.times().length, 600);
  assert.equal(history.times()[0], 101);
  assert.equal(history.column("players").length, 600);
  assert.deepEqual(history.closes, {}, "what is long over is no line");
  assert.deepEqual(history.column("cpu"), []);
  history.take(figuresOf("b", 701, 702)); // what came after 700, in the server's next life
  assert.deepEqual([history.last, history.times()], [0, []]);
  history.take(figuresOf("b", 1, 702));
  assert.equal(history.last, 702);
  assert.equal(history.times().length, 600);
});

/** A poll that is driven by hand. */
function pollOf(answers: () => Promise<void>, wanted = () => true) {
  let time = 0;
  const told: unknown[] = [];
  const planned: { at: number; call: () => void }[] = [];
  const poll = new Poll(300, wanted, answers, (error) => told.push(error), { now: () => time, after: (millis, call) => planned.push({ at: time + millis, call }) });
  const settle = async () => { for (let i = 0; i < 8; i++) await Promise.resolve(); };
  return {
    poll, settle, planned, told, pass: (millis: number) => (time += millis),
    next: async () => {
      const plan = planned.shift();
      if (plan === undefined) return;
      time = Math.max(time, plan.at);
      plan.call();
      await settle();
    },
    now: () => time,
  };
}

test("a poll asks in turn, one question at a time, and not while nobody looks", async () => {
  let asked = 0, looking = true;
  let answer = () => {};
  const p = pollOf(() => (asked++, new Promise<void>((resolve) => (answer = resolve))), () => looking);
  p.poll.wake();
  p.poll.wake();
  assert.equal(asked, 1, "the first is not answered yet");
  p.pass(100);
  answer();
  await p.settle();
  assert.equal(asked, 2, "somebody wanted it meanwhile");
  p.pass(100);
  answer();
  await p.settle();
  assert.equal(p.planned[0]?.at, 400, "300 ms after it was asked");
  looking = false;
  await p.next();
  assert.equal(asked, 2);
  assert.equal(p.planned.length, 0);
  looking = true;
  p.poll.wake();
  assert.equal(asked, 3);
});

test("a poll asks less and less who does not answer", async () => {
  let asked = 0;
  const p = pollOf(() => (asked++, asked > 6 ? Promise.resolve() : Promise.reject(new Error("no"))));
  p.poll.wake();
  await p.settle();
  const times = [p.now()];
  for (let i = 0; i < 7; i++) {
    await p.next();
    times.push(p.now());
  }
  assert.deepEqual(times, [0, 1000, 3000, 7000, 15_000, 23_000, 31_000, 31_300]);
});

test("a poll tells how it goes, but of nothing that nobody wants any more", async () => {
  let looking = true;
  let fail = (_: Error) => {};
  const p = pollOf(() => new Promise<void>((_, reject) => (fail = reject)), () => looking);
  const wrong = new Error("no");
  p.poll.wake();
  fail(wrong);
  await p.settle();
  assert.deepEqual(p.told, [wrong]);
  looking = false;
  p.poll.wake();
  assert.deepEqual(p.told, [wrong, undefined]);
  looking = true;
  p.poll.wake();
  looking = false; // before the answer is there
  fail(wrong);
  await p.settle();
  assert.deepEqual(p.told, [wrong, undefined, undefined]);
});

test("only the last of several questions counts", () => {
  const latest = new Latest();
  const first = latest.next();
  assert.ok(first());
  const second = latest.next();
  assert.deepEqual([first(), second(), second()], [false, true, true]);
});

test("texts are as long as the server counts them", () => {
  assert.deepEqual(["", "abc", "é", "太吵", "🙂"].map(sizeOf), [0, 3, 2, 6, 4]);
});

/** apiOf returns an API whose server always says the same, and what it was asked. */
function apiOf(status: number, body: string | undefined) {
  const asked: { path: string; options: RequestInit }[] = [];
  const send: Send = (path, options) => {
    asked.push({ path, options });
    return body === undefined ? Promise.reject(new TypeError("failed to fetch")) : Promise.resolve(new Response(body, { status }));
  };
  return { api: new Api("the token", send), asked };
}

test("the API is asked with the token in a header, and never in an address", async () => {
  const { api, asked } = apiOf(200, `{"sessions":1}`);
  assert.deepEqual(await api.kick("player", "7", `"no" & more`), { sessions: 1 });
  await api.lift("bans", "A/../B?x");
  await api.players("a&limit=9#", 3, 50);
  const [kick, lift, players] = asked;
  assert.equal(kick?.path, "/admin/v1/kicks");
  assert.equal(kick?.options.body, `{"kind":"player","subject":"7","reason":"\\"no\\" & more"}`);
  assert.deepEqual(kick?.options.headers, { Authorization: "Bearer the token", "Content-Type": "application/json" });
  assert.equal(lift?.path, "/admin/v1/bans/A%2F..%2FB%3Fx");
  assert.equal(lift?.options.method, "DELETE");
  assert.equal(players?.path, "/admin/v1/players?search=a%26limit%3D9%23&after=3&limit=50");
  for (const { path } of asked) assert.ok(!path.includes("token"));
});

test("what is wrong is said in words", async () => {
  const wrong = async (status: number, body: string | undefined) => {
    const error = await apiOf(status, body).api.status().then(() => assert.fail("it was answered"), (error: unknown) => error);
    assert.ok(error instanceof Problem);
    return explain(error);
  };
  assert.match(await wrong(401, `{"error":{"code":"unauthorized","message":"want"}}`), /does not know this token/);
  assert.match(await wrong(404, "404 page not found\n"), /API is off.*ops\.admin_token_file/);
  assert.match(await wrong(404, `{"error":{"code":"nobody","message":"x"}}`), /Nobody/);
  assert.match(await wrong(400, `{"error":{"code":"invalid","message":"want a name"}}`), /want a name/);
  assert.match(await wrong(0, undefined), /does not answer/);
  assert.match(await wrong(502, "<html>"), /does not understand/);
  const cut = () => Promise.resolve(new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("cut")) }), { status: 404 }));
  await assert.rejects(new Api("", cut).status(), { code: "unreachable" }, "nobody is signed out by an answer that is broken off");
  assert.match(await wrong(500, `{"error":{"code":"new_one","message":"what"}}`), /does not understand \(what\)/);
  assert.match(explain(new TypeError("x")), /itself/);
});

const player: Player = {
  id: 7, name: "<b>Ann</b>", account: "ann", roles: [], address: "[::1]:123", transport: "ws", dialect: "native", state: "active",
  since: "2026-11-28T10:00:00Z", detached: false, muted: false, link: { sent: 0, queued: 0, lag_ticks: 0, lag_millis: 0 }, place: null,
};

test("a question says what will happen, and does that", async () => {
  const { api, asked } = apiOf(200, `{"id":"A","kind":"account","subject":"ann","until":null,"reason":"","by":"","created":"","sessions":2}`);
  const kick = kicking(api, player);
  assert.match(kick.will({ reason: "too loud" }), /4503, with the reason “too loud”/);
  assert.match(await kick.act({ reason: "too loud" }), /<b>Ann<\/b> \(7\) is kicked: 2 sessions/);
  const ban = sanctioning(api, "bans", player);
  assert.match(ban.will({ subject: "account ann", seconds: "", reason: "" }), /account ann .*4505.*kept out for good/);
  await ban.act({ subject: "account ann", seconds: "3600", reason: "" });
  await ban.act({ subject: "name two words", seconds: "", reason: "spam" });
  assert.deepEqual(asked.map(({ options }) => JSON.parse(String(options.body)) as unknown), [
    { kind: "player", subject: "7", reason: "too loud" },
    { kind: "account", subject: "ann", seconds: 3600 },
    { kind: "name", subject: "two words", reason: "spam" },
  ]);
});

test("somebody can be banned by what lasts, and muted by an id, too", () => {
  assert.deepEqual(knownBy(player, "bans").map(([value]) => value), ["account ann", "name <b>Ann</b>", "address ::1"]);
  assert.deepEqual(knownBy({ ...player, account: "", name: "" }, "mutes").map(([value]) => value), ["address ::1", "player 7"]);
  assert.deepEqual(["192.0.2.7:80", "[2001:db8::1]:80"].map(hostOf), ["192.0.2.7", "2001:db8::1"]);
});

test("only what was changed is sent, as what it is", () => {
  const now = { "world.columns": 10, "world.tick_rate": 20, "log.level": "info", "world.early_tick": true, "limits.idle_timeout": "10m" };
  const filled = {
    "world.columns": "12", "world.tick_rate": "20", "log.level": " debug ", "world.early_tick": "false", "limits.idle_timeout": "10", none: "1",
  };
  const wanted = { "world.columns": 12, "log.level": "debug", "world.early_tick": false, "limits.idle_timeout": "10" };
  assert.deepEqual(changes(now, filled), wanted);
  assert.deepEqual(changes(now, { "world.columns": "many", "world.tick_rate": "" }), { "world.columns": "many", "world.tick_rate": "" });
});

test("the token is handed over in the fragment alone", () => {
  assert.equal(tokenIn("#token=abc%20d"), "abc d");
  for (const none of ["", "#", "#token=", "#other=1", "#tokens=abc"]) assert.equal(tokenIn(none), undefined);
});

test("reasons are summed, and entities listed by what they took", () => {
  const entity = (id: number, why: Inspected["why"], bytes: number): Inspected =>
    ({ id, kind: 0, name: "", x: 0, z: 0, cell: 0, in_view: why !== "outside", hidden: false, sent: bytes > 0, why, bytes, within: null });
  const all = [entity(1, "outside", 0), entity(2, "moved", 4), entity(3, "unchanged", 0), entity(4, "key", 9), entity(5, "moved", 6), entity(6, "outside", 0)];
  assert.deepEqual(sums(all), [
    { why: "moved", entities: 2, bytes: 10 }, { why: "key", entities: 1, bytes: 9 }, { why: "outside", entities: 2, bytes: 0 },
    { why: "unchanged", entities: 1, bytes: 0 },
  ]);
  assert.deepEqual(sums([], "moved"), [{ why: "moved", entities: 0, bytes: 0 }], "what is asked for can be let go");
  assert.deepEqual(listed(all, undefined).map(({ id }) => id), [4, 5, 2, 3, 1, 6]);
  assert.deepEqual(listed(all, "moved").map(({ id }) => id), [5, 2]);
});

test("each close code has a name", () => {
  for (const [name, code] of Object.entries(CloseCode)) {
    if (typeof code === "number" && code > 0) assert.equal(closeName(String(code)), `${code} ${expected(name, code)}`);
  }
  assert.equal(closeName("4999"), "4999");
});

/** expected is what the page calls a close code: as the server does, but that 1006 is not always the peer's wish. */
function expected(name: string, code: number): string {
  const words = name.replace(/^CLOSE_/, "").toLowerCase().replaceAll("_", " ");
  return code === 1006 ? "connection lost" : code === 4003 ? "internal error" : words;
}

test("numbers are short, and names never empty", () => {
  assert.deepEqual([0, 7, 999, 1234, 45_678, 2.5, 3_400_000].map((n) => short(n)), ["0", "7", "999", "1.2 k", "46 k", "2.5", "3.4 M"]);
  assert.equal(short(1500, "B"), "1.5 kB");
  assert.deepEqual([0, 0.1234, 12.4, 1500].map(millis), ["0 ms", "0.12 ms", "12 ms", "1.5 s"]);
  assert.equal(called("", 7), "player 7");
  assert.equal(since("2026-11-28T10:00:00Z", Date.parse("2026-11-28T11:01:00Z")), "1 h 1 min");
});

test("the page knows all reasons and problems of the API's description", () => {
  const description = readFileSync(new URL("../../../../../ops/admin/openapi.yaml", import.meta.url), "utf8");
  const words = (pattern: RegExp) => (pattern.exec(description)?.[1] ?? "").split(/[\s,-]+/).filter((word) => word !== "");
  assert.deepEqual(words(/\n {4}Why:[^]*?enum: \[([^\]]*)\]/).sort(), Object.keys(reasons).sort());
  const codes = words(/\n {4}Error:[^]*?enum:\n((?: +- \w+\n)+)/);
  assert.ok(codes.length > 10);
  const faults = ["method_not_allowed", "unsupported_media_type"]; // of the page's, had it any
  for (const code of codes.filter((code) => !faults.includes(code))) {
    assert.doesNotMatch(explain(new Problem(400, code, "x")), /does not understand/, code);
  }
});
