import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { Clock, Path, Prediction, WorldTime } from "../src/motion.js";
import { DeltaSchema, TickSchema } from "../src/pb/native/native_pb.js";
import { Lattice, turnBetween, type Place } from "../src/place.js";
import { DesyncError, Replica } from "../src/replica.js";
import { frame, frames, MalformedError } from "../src/wire.js";

const at = (x: number, z = 0, heading = 0, y = 0): Place => ({ x, y, z, heading });

/** hex is the bytes of a text of hexadecimal digits. */
const hex = (text: string) => Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (pair) => parseInt(pair, 16));

test("frames are cut and put together", () => {
  const two = Uint8Array.of(...frame(1000, Uint8Array.of(5)), ...frame(7, new Uint8Array()));
  assert.deepEqual([...frames(two)].map((f) => [f.id, [...f.payload]]), [[1000, [5]], [7, []]]);
  for (const bad of [two.subarray(0, 5), two.subarray(0, 8), hex("ffffffff 00000000")]) {
    assert.throws(() => [...frames(bad)], MalformedError);
  }
});

test("the document's worked bytes", () => {
  const told: string[] = [];
  const replica = new Replica({ moved: (e) => told.push(`${e.id} at ${e.at.x},${e.at.z} heading ${e.at.heading}`) });
  const members = [2, 20, 100, 100, 0, 0, 1, 1, 0, 0, 0, 5]; // of slots 2 and 3
  replica.apply(toBinary(TickSchema, create(TickSchema, { keys: [{ stream: 5, members }] })));
  const [tick] = frames(hex("0f000000 4d040000 0809 2a0b 0805 3207 1006 01 04000013"));
  replica.apply(tick!.payload);
  assert.deepEqual(told, ["20 at 103,99 heading 0", "21 at 100,100 heading 355"]);
});

test("ticks that do not fit, or are none, are refused", () => {
  const key = { keys: [{ stream: 1, epoch: 2, members: [0, 9, 5, 5, 0, 0] }] };
  const tick = (fields: MessageInitShape<typeof TickSchema>) => toBinary(TickSchema, create(TickSchema, fields));
  const delta = (fields: MessageInitShape<typeof DeltaSchema>) => tick({ deltas: [{ stream: 1, epoch: 2, ...fields }] });
  for (const [name, error, bytes] of [
    ["another epoch", DesyncError, delta({ epoch: 3, left: [0] })],
    ["nobody leaves", DesyncError, delta({ left: [1] })],
    ["nobody moves", DesyncError, delta({ moved: [4, 1, 1] })],
    ["two in a slot", DesyncError, delta({ entered: [0, 10, 5, 5, 0, 0] })],
    ["traits of nobody", DesyncError, delta({ traits: [{ slot: 3 }] })],
    ["a part without its beginning", DesyncError, tick({ keys: [{ stream: 1, epoch: 2, first: 4 }] })],
    ["bits of another epoch", DesyncError, tick({ bits: [hex("02 00 00 80")] })],
    ["nobody of id 0", MalformedError, delta({ entered: [1, 0, 5, 5, 0, 0] })],
    ["half a member", MalformedError, delta({ entered: [1, 10, 5] })],
    ["half a move", MalformedError, delta({ moved: [0, 1] })],
    ["a slot without end", MalformedError, delta({ moved: [2 ** 30, 1, 1] })],
    ["bits without widths", MalformedError, tick({ bits: [hex("03 02")] })],
    ["half a tick", MalformedError, hex("2a 05 08")],
    ["a field of no kind", MalformedError, hex("0f")],
    ["a number without end", MalformedError, hex("08 ff ff ff ff ff ff ff ff ff ff 01")],
  ] as const) {
    const replica = new Replica();
    replica.apply(tick(key));
    assert.throws(() => replica.apply(bytes), error, name);
  }
});

test("a key that comes in the place of a delta has crossers before they are told to have left", () => {
  const told: string[] = [];
  const replica = new Replica({
    appeared: (e) => told.push(`appeared ${e.id}`), moved: (e) => told.push(`moved ${e.id}`), left: (e) => told.push(`left ${e.id}`),
  });
  for (const tick of [
    { keys: [{ stream: 1, members: [4, 7, 0, 0, 0, 0] }] },
    { keys: [{ stream: 2, epoch: 1, members: [0, 7, 5, 0, 0, 0] }], deltas: [{ stream: 1, left: [4] }] },
    { deltas: [{ stream: 1, entered: [4, 8, 0, 0, 0, 0] }] },
  ]) replica.apply(toBinary(TickSchema, create(TickSchema, tick)));
  assert.deepEqual(told, ["appeared 7", "moved 7", "appeared 8"]);
  assert.equal(replica.entities.size, 2);
});

test("fields of later versions are passed over", () => {
  const replica = new Replica();
  replica.apply(hex("08 03 78 05 7a 01 00 7d 00000000 79 0000000000000000"));
  assert.equal(replica.number, 3);
});

test("positions are rounded to places and back", () => {
  const lattice = new Lattice({ minX: 85, maxX: 410, minZ: 75, maxZ: 400, quantum: 0.01 });
  assert.deepEqual(lattice.place({ x: 160.004, y: -1.5, z: 134, heading: -90 }), { x: 7500, y: -150, z: 5900, heading: 270 });
  assert.deepEqual(lattice.place({ x: 1e9, y: NaN, z: -3, heading: 360 }), { x: 32500, y: -(2 ** 30 - 1), z: 0, heading: 0 });
  assert.deepEqual(lattice.position(at(7500, 5900, 270)), { x: 160, y: 0, z: 134, heading: 270 });
});

test("turns go the short way", () => {
  assert.deepEqual([[350, 10], [10, 350], [0, 180], [90, 90]].map(([a, b]) => turnBetween(a!, b!)), [20, -20, -180, 0]);
});

test("a prediction is where the moves under way lead", () => {
  const me = new Prediction(at(0));
  for (const i of [1, 2, 3]) me.add(i, at(10 * i));
  assert.equal(me.here(0).x, 30);
  me.see(at(20), 0); // confirms two
  assert.equal(me.here(0).x, 30);
  me.confirm(3);
  assert.equal(me.here(0).x, 20, "what is confirmed by number alone is where the server says");
  me.add(4, at(50));
  me.correct(at(22), 1000);
  assert.equal(me.here(1000).x, 50, "a correction begins where one was shown");
  assert.equal(me.here(1075).x, 36);
  assert.equal(me.here(1150).x, 22);
  me.see(at(100), 2000); // moved by a game
  assert.deepEqual([me.here(2000).x, me.here(3000).x], [22, 100]);
});

test("others glide from place to place, go on a little when they are late, and come back", () => {
  const path = new Path(at(0), 0, { longest: 250, beyond: 100, jump: 1000, time: new WorldTime() });
  path.step(at(100), 100); // took 100 ms
  assert.deepEqual([100, 150, 200].map((t) => path.at(t).x), [0, 50, 100]);
  assert.ok(path.at(201).x > 100.9 && path.at(201).x < 101, "it goes on at its pace");
  assert.equal(path.at(300).x, 150, "at most half a step of its pace");
  assert.ok(path.at(350).x < 150 && path.at(350).x > 100);
  assert.deepEqual([path.at(400).x, path.at(4000).x], [100, 100]);
  path.step(at(200), 4000);
  assert.deepEqual([path.at(4000).x, path.at(4125).x, path.at(4250).x], [100, 150, 200], "a long step is drawn out no longer");
  path.step(at(5000), 4300);
  assert.equal(path.at(4300).x, 5000, "a jump is no glide");
});

test("who may not go on stops where it was told", () => {
  const path = new Path(at(0), 0, { longest: 250, beyond: 0, jump: 1000, time: new WorldTime() });
  path.step(at(100, 0, 350), 100);
  assert.deepEqual([path.at(201).x, path.at(150).heading], [100, 355]);
});

test("the quickest answers know the clock best", () => {
  const clock = new Clock();
  const ahead = (millis: number) => BigInt(Math.round((Date.now() + millis) * 1000));
  clock.pong(40, ahead(5000));
  assert.ok(Math.abs(clock.ahead - 5020) < 5 && clock.roundTrip === 40);
  clock.pong(10, ahead(5000));
  clock.pong(400, ahead(5000)); // slow: it does not count
  assert.ok(Math.abs(clock.ahead - 5005) < 5, `${clock.ahead}`);
  assert.equal(clock.roundTrip, 40 - 30 / 4 + (400 - 32.5) / 4);
});
