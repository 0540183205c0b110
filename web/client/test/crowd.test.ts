import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { Path, WorldTime } from "../src/motion.js";
import { TickSchema } from "../src/pb/native/native_pb.js";
import { DesyncError, Replica } from "../src/replica.js";
import { along, type Track } from "../src/track.js";
import { frames, MalformedError } from "../src/wire.js";

const hex = (text: string) => Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
const tick = (fields: MessageInitShape<typeof TickSchema>) => toBinary(TickSchema, create(TickSchema, fields));

/** The key of a stream of three members: 20 in slot 2, 21 in slot 4, 22 in slot 9, all at 500, 500. */
const key = tick({ number: 8n, keys: [{ stream: 5, members: [2, 20, 500, 500, 0, 0, 2, 1, 0, 0, 0, 0, 5, 1, 0, 0, 0, 0] }] });

/** where is where everybody is. */
const where = (replica: Replica) =>
  [...replica.entities.values()].map((e) => `${e.id} at ${replica.place(e).x},${replica.place(e).z} heading ${replica.place(e).heading}`);

for (const [form, bytes] of [
  ["columns", "37000000 4d040000 0809 38f0a204 421e 0805 1a17 f80f 961f 00 04270a00b401ac020000 0c28090000000000 30b817 4a0f 0805 1a0b e40f aa1f 00 080000009c04"],
  ["bits", "31000000 4d040000 0809 38f0a204 4219 0805 2212 e807 c60f 00 1840090001 6028b52c6a000000 30b817 4a0e 0805 220a f207 d50f 00 000004 90e0"],
] as const) {
  test(`the document's worked bytes of a crowd, in ${form}`, () => {
    const moved: number[] = [];
    const replica = new Replica({ moved: (e) => moved.push(e.id) });
    replica.apply(key);
    const [first] = frames(hex(bytes));
    replica.apply(first!.payload);
    assert.deepEqual(where(replica), ["20 at 1000,2000 heading 90", "21 at 1010,2005 heading 270", "22 at 1040,1990 heading 0"]);
    assert.deepEqual(moved.sort(), [20, 21, 22]);
    assert.deepEqual(replica.crowds, [{ stream: 5, members: 3, bound: 3000, groups: [] }]);
    replica.apply(tick({ number: 10n, time: 72_001 })); // an early one: what is near holds
    assert.deepEqual(where(replica), ["20 at 1300,2000 heading 90", "21 at 1010,2005 heading 270", "22 at 1040,1990 heading 0"]);
    replica.apply(tick({ number: 11n, time: 72_000, crowds: [{ stream: 5, boundMs: 6000, aggregates: [3, 900, 901] }] }));
    assert.deepEqual(where(replica)[1], "21 at 500,500 heading 0", "its track was never told otherwise");
    assert.deepEqual(replica.crowds[0]?.groups, [{ count: 3, x: 900, z: 901 }]);
    moved.length = 0;
    replica.apply(tick({ number: 12n, time: 73_000, crowds: [{ stream: 5, boundMs: 100, ends: true }] }));
    assert.deepEqual([where(replica)[0], replica.crowds, moved], ["20 at 1450,2000 heading 90", [], [20, 21]]);
    replica.apply(tick({ number: 13n, deltas: [{ stream: 5, moved: [8, 1, 1] }] }));
    assert.deepEqual(where(replica)[0], "20 at 1451,2001 heading 90");
  });
}

test("keys of crowds have tracks", () => {
  const replica = new Replica();
  replica.apply(tick({ time: 5000, keys: [{ stream: 5, members: [0, 20, 100, 100, 0, 7], tracks: [2000, 10, -20, 0] }] }));
  assert.deepEqual(where(replica), ["20 at 120,60 heading 7"]);
  replica.apply(tick({ time: 6000, deltas: [{ stream: 5, entered: [3, 21, 50, 50, 0, 0] }] }));
  assert.deepEqual(where(replica), ["20 at 130,40 heading 7", "21 at 50,50 heading 0"]);
});

test("who is told to have left is on no track, though its slot is somebody else's", () => {
  const left: string[] = [];
  const replica: Replica = new Replica({ left: (e) => left.push(`${e.id} at ${replica.place(e).x}`) });
  replica.apply(tick({ time: 5000, keys: [{ stream: 5, members: [0, 20, 100, 100, 0, 7], tracks: [2000, 10, -20, 0] }] }));
  replica.apply(tick({ time: 6000, keys: [{ stream: 5, members: [0, 22, 500, 100, 0, 7], tracks: [2000, 10, -20, 0] }] }));
  assert.deepEqual(left, ["20 at 100"]);
});

test("crowds that do not fit, or are none, are refused", () => {
  for (const [name, error, fields] of [
    ["steps in a crowd", DesyncError, { crowds: [{ stream: 5 }], deltas: [{ stream: 5, moved: [8, 1, 1] }] }, ],
    ["nobody is fixed", DesyncError, { crowds: [{ stream: 5, fixes: [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0] }] }],
    ["places of no crowd", DesyncError, { near: [{ stream: 5, fixes: [0, 0, 0, 2, 1, 1, 0, 0] }] }],
    ["another epoch", DesyncError, { crowds: [{ stream: 5, epoch: 4 }] }],
    ["too fast", MalformedError, { crowds: [{ stream: 5, fixes: [0, 0, 0, 2, 1, 1, 0, 0, 2 ** 20, 0, 0] }] }],
    ["half a fix", MalformedError, { crowds: [{ stream: 5, fixes: [0, 0, 0, 2, 1] }] }],
    ["bits without widths", MalformedError, { crowds: [{ stream: 5, bits: hex("000000 ff") }] }],
    ["half a fix in bits", MalformedError, { crowds: [{ stream: 5, bits: hex("e807 c60f 00 1840090001 6028b5") }] }],
    ["too many tracks", MalformedError, { keys: [{ stream: 6, members: [0, 30, 1, 1, 0, 0], tracks: [0, 0, 0, 0, 0] }] }],
  ] as const) {
    const replica = new Replica();
    replica.apply(key);
    const steps = "deltas" in fields ? [{ crowds: fields.crowds }, { deltas: fields.deltas }] : [fields];
    assert.throws(() => steps.forEach((step) => replica.apply(tick(step as unknown as MessageInitShape<typeof TickSchema>))), error, name);
  }
});

test("tracks are reckoned as the server does", () => {
  const track: Track = { from: { x: 10, y: 0, z: 10, heading: 5 }, speed: { x: -1500, y: 1, z: 999 }, since: 2 ** 32 - 500 };
  const extent = { width: 1000, depth: 1000 };
  assert.deepEqual(along(track, 0, extent), { x: 0, y: 0, z: 509, heading: 5 });
  assert.deepEqual(along(track, 1500, extent), { x: 0, y: 2, z: 1000, heading: 5 });
  assert.deepEqual(along({ ...track, from: { ...track.from, x: 900 } }, 1, extent).x, 900 - 751, "a part of a step is left out");
});

test("who goes along a track is shown between ticks, and a new track is no jump", () => {
  const time = new WorldTime({ width: 1e6, depth: 1e6 });
  const path = new Path({ x: 0, y: 0, z: 0, heading: 0 }, 0, { longest: 250, beyond: 100, jump: 1e6, time });
  const track = (x: number, since: number): Track => ({ from: { x, y: 0, z: 0, heading: 0 }, speed: { x: 1000, y: 0, z: 0 }, since });
  const first = track(0, 5000), second = track(300, 5200);
  time.hear(5000, 100);
  const shown = (one: Track, now: number) => {
    path.follow(one, now);
    return path.show(now).x;
  };
  assert.deepEqual([shown(first, 100), shown(first, 150), shown(first, 300)], [0, 50, 200]);
  time.hear(5200, 300);
  assert.deepEqual([shown(second, 300), shown(second, 400), shown(second, 500)], [200, 350, 500], "it fades over to the new track");
  assert.equal(shown(second, 5000), 800, "who does not hear of the world does not know it");
});
