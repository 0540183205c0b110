import assert from "node:assert/strict";
import { test } from "node:test";
import { MapCamera } from "../src/camera.js";
import type { WorldMap } from "../src/contract.js";
import { Past } from "../src/past.js";
import { largest, rampOf, shade } from "../src/raster.js";
import { crowdOf, find, Scene } from "../src/scene.js";

const bounds = { min_x: 0, max_x: 100, min_z: -50, max_z: 50 };

/** mapOf returns a map of 10 × 10 cells with players at some places. */
function mapOf(players: Record<number, [x: number, z: number]>, more: Partial<WorldMap> = {}): WorldMap {
  let last = 0;
  const all = Object.entries(players).map(([id, at]) => [Number(id), at] as const);
  return {
    world: "main", tick: 1, tick_rate: 20, bounds, columns: 10, rows: 10, radius: 1, players: all.length, entities: all.length,
    load: { span: 1, columns: 10, rows: 10, counts: new Array<number>(100).fill(0) }, tiles: null,
    dots: {
      ids: all.map(([id]) => ([id, last] = [id - last, id])[0]), x: all.map(([, [x]]) => x * 100), z: all.map(([, [, z]]) => z * 100),
      kinds: all.map(() => 0), hidden: [],
    },
    ...more,
  };
}

function cameraOver(width = 200, height = 100): MapCamera {
  const camera = new MapCamera();
  camera.resize(width, height);
  camera.over(bounds);
  return camera;
}

test("a world is shown whole, north up, and stays so when the screen changes", () => {
  const camera = cameraOver();
  assert.deepEqual(camera.place(100, 50), { x: 50, z: 0 });
  assert.ok(camera.left(0) > 0 && camera.left(100) < 200 && camera.top(50) > 0 && camera.top(-50) < 100);
  assert.ok(camera.top(50) < camera.top(-50));
  camera.resize(800, 400);
  assert.ok(camera.top(50) > 0 && camera.top(50) < 40, "it fills the larger screen");
});

test("zooming keeps the place below the pointer, and has limits", () => {
  const camera = cameraOver();
  const before = camera.place(120, 40);
  camera.zoom(3, 120, 40);
  const after = camera.place(120, 40);
  assert.ok(Math.abs(before.x - after.x) < 1e-9 && Math.abs(before.z - after.z) < 1e-9);
  for (let i = 0; i < 50; i++) camera.zoom(3);
  assert.equal(camera.scale, 120);
  for (let i = 0; i < 50; i++) camera.zoom(1 / 3);
  assert.ok(camera.scale > 0.4 && camera.scale < 0.5, `${camera.scale}: half of what fills the screen`);
});

test("one cannot lose the world, and what one has chosen to see stays when a map comes", () => {
  const camera = cameraOver();
  camera.zoom(4);
  camera.pan(1e6, -1e6);
  assert.deepEqual([camera.x, camera.z], [0, -50]);
  camera.pan(-40, 0);
  const { x, scale } = camera;
  assert.ok(x > 0 && x < 20);
  camera.over({ ...bounds });
  assert.deepEqual([camera.x, camera.scale], [x, scale]);
  camera.over({ ...bounds, max_x: 300 });
  assert.equal(camera.x, 150);
});

test("dots are read: ids as differences, places in hundredths, who is hidden", () => {
  const crowd = crowdOf({ ids: [7, 2, 8], x: [16000, 16150, -30001], z: [0, 13425, 5], kinds: [0, 1, 16], hidden: [17] });
  assert.deepEqual([...crowd.ids], [7, 9, 17]);
  assert.deepEqual([...crowd.x], [160, 161.5, -300.01]);
  assert.deepEqual([...crowd.z], [0, 134.25, 0.05]);
  assert.deepEqual([...crowd.kinds], [0, 1, 16]);
  assert.deepEqual([...crowd.hidden], [0, 0, 1]);
  assert.deepEqual([7, 8, 9, 17, 18, 0].map((id) => find(crowd.ids, id)), [0, -1, 1, 2, -1, -1]);
  assert.equal(crowdOf(null).ids.length, 0);
});

test("everybody glides from map to map; who is new, or has jumped, is there at once", () => {
  const scene = new Scene();
  scene.take(mapOf({ 1: [10, 0], 3: [20, 0], 5: [30, 0] }), 1000);
  scene.take(mapOf({ 1: [14, 2], 2: [50, 5], 5: [90, 0] }), 1400);
  assert.deepEqual([...scene.crowd.ids], [1, 2, 5]);
  assert.deepEqual([scene.x(0, 1400), scene.x(0, 1500), scene.z(0, 1600), scene.x(0, 1800), scene.x(0, 9999)], [10, 11, 1, 14, 14]);
  assert.deepEqual([scene.x(1, 1400), scene.x(2, 1400)], [50, 90]);
  assert.ok(scene.moving(1700) && !scene.moving(1801));
  scene.take(mapOf({ 1: [24, 2] }), 1600); // in the middle of the way
  assert.equal(scene.x(0, 1600), 12);
  scene.take(mapOf({ 1: [25, 2] }, { world: "other" }), 1700);
  assert.equal(scene.x(0, 1700), 25, "nobody glides from world to world");
});

test("where one was is remembered for a minute, once a second", () => {
  const past = new Past();
  const ids = Int32Array.of(3, 8);
  for (let time = 0; time <= 100_000; time += 300) past.add(time, ids, Float64Array.of(time, 0), Float64Array.of(0, time));
  const path = past.of(3);
  assert.ok(path.length >= 60 && path.length <= 68, `${path.length} steps`);
  assert.ok((path[0] as { x: number }).x >= 39_000 && (path.at(-1) as { x: number }).x >= 99_000);
  assert.equal(past.of(8).at(-1)?.x, 0);
  assert.deepEqual(past.of(4), []);
  past.forget();
  assert.deepEqual(past.of(3), []);
});

test("squares become pixels, the first row below", () => {
  const pixels = shade({ columns: 2, rows: 2, counts: [4, 0, 0, 1] }, rampOf(10, 20, 30, 0, 200));
  assert.deepEqual([...pixels], [0, 0, 0, 0, 10, 20, 30, 100, 10, 20, 30, 200, 0, 0, 0, 0]);
  assert.equal(largest([]), 1);
  assert.equal(largest([3, 9, 2]), 9);
});
