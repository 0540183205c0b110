import type { World } from "aoiworld-client";
import type { Camera } from "../../common/src/camera.js";
import type { Palette } from "../../common/src/palette.js";

type Pen = CanvasRenderingContext2D;

/** drawGround draws the world without anybody in it. */
export function drawGround(pen: Pen, camera: Camera, world: World, palette: Palette): void {
  pen.fillStyle = palette.outside;
  pen.fillRect(0, 0, camera.width, camera.height);
  const left = camera.left(world.minX), top = camera.top(world.maxZ);
  const width = (world.maxX - world.minX) * camera.scale, height = (world.maxZ - world.minZ) * camera.scale;
  pen.fillStyle = palette.ground;
  pen.fillRect(left, top, width, height);
  drawGrass(pen, camera, world, palette);
  pen.strokeStyle = palette.border;
  pen.lineWidth = 3;
  pen.strokeRect(left, top, width, height);
}

/** drawGrass draws what lets one see that one moves: tufts at places that only look like chance. */
function drawGrass(pen: Pen, camera: Camera, world: World, palette: Palette): void {
  const side = 40 / camera.scale > 4 ? 8 : 4; // world units
  const corner = camera.place(0, camera.height), far = camera.place(camera.width, 0);
  pen.fillStyle = palette.grass;
  pen.beginPath();
  for (let column = Math.floor(Math.max(corner.x, world.minX) / side); column * side < Math.min(far.x, world.maxX); column++) {
    for (let row = Math.floor(Math.max(corner.z, world.minZ) / side); row * side < Math.min(far.z, world.maxZ); row++) {
      const chance = hash(column, row);
      const x = camera.left((column + (chance & 255) / 256) * side), y = camera.top((row + ((chance >> 8) & 255) / 256) * side);
      const r = (0.15 + ((chance >> 16) & 15) / 40) * camera.scale;
      pen.moveTo(x + r, y);
      pen.ellipse(x, y, r, r * 0.7, 0, 0, 2 * Math.PI);
    }
  }
  pen.fill();
}

/** hash returns bits that depend on two numbers. */
function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x27d4eb2d) ^ Math.imul(b, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

/** drawGrid draws the borders of the cells, and those that one sees from a cell. */
export function drawGrid(pen: Pen, camera: Camera, world: World, palette: Palette, cell: number): void {
  const wide = (world.maxX - world.minX) / world.columns, deep = (world.maxZ - world.minZ) / world.rows;
  const column = cell % world.columns, row = Math.floor(cell / world.columns);
  const r = world.viewRadius;
  const box = (c0: number, r0: number, c1: number, r1: number) => {
    const left = camera.left(world.minX + Math.max(0, c0) * wide), right = camera.left(world.minX + Math.min(world.columns, c1) * wide);
    const top = camera.top(world.minZ + Math.min(world.rows, r1) * deep), bottom = camera.top(world.minZ + Math.max(0, r0) * deep);
    return [left, top, right - left, bottom - top] as const;
  };
  const nine = box(column - r, row - r, column + r + 1, row + r + 1);
  const own = box(column, row, column + 1, row + 1);
  pen.fillStyle = palette.view;
  pen.fillRect(...nine);
  pen.fillRect(...own);
  drawLines(pen, camera, world, palette, wide, deep);
  pen.strokeStyle = palette.eye;
  pen.lineWidth = 2.5;
  pen.strokeRect(...nine);
  pen.lineWidth = 1.5;
  pen.strokeRect(...own);
  pen.fillStyle = palette.eye;
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = "left";
  pen.fillText(`${column}, ${row}`, own[0] + 6, own[1] + 15);
}

/** drawLines draws the borders between cells. */
function drawLines(pen: Pen, camera: Camera, world: World, palette: Palette, wide: number, deep: number): void {
  const corner = camera.place(0, camera.height), far = camera.place(camera.width, 0);
  const from = (v: number, low: number, size: number) => Math.max(0, Math.floor((v - low) / size));
  pen.strokeStyle = palette.line;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = from(corner.x, world.minX, wide); i <= world.columns && world.minX + i * wide <= far.x; i++) {
    const x = Math.round(camera.left(world.minX + i * wide)) + 0.5;
    pen.moveTo(x, Math.max(0, camera.top(world.maxZ)));
    pen.lineTo(x, Math.min(camera.height, camera.top(world.minZ)));
  }
  for (let i = from(corner.z, world.minZ, deep); i <= world.rows && world.minZ + i * deep <= far.z; i++) {
    const y = Math.round(camera.top(world.minZ + i * deep)) + 0.5;
    pen.moveTo(Math.max(0, camera.left(world.minX)), y);
    pen.lineTo(Math.min(camera.width, camera.left(world.maxX)), y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}
