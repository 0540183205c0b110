import type { MapCamera } from "./camera.js";
import type { WorldMap } from "./contract.js";
import type { Looks } from "./looks.js";
import type { Raster } from "./raster.js";

type Pen = CanvasRenderingContext2D;

/** Below which size the lines between cells would be all that is to be seen (pixels). */
const leastCell = 5;

/** What of the world is shown below who is in it. */
export interface Shown {
  grid: boolean;
  heat: boolean;
}

/** drawGround draws the world: its ground, how full cells are, how many are where, and the lines between cells. */
export function drawGround(
  pen: Pen, camera: MapCamera, map: WorldMap, looks: Looks, shown: Shown, heat: Raster, density: Raster,
): void {
  const { min_x, max_x, min_z, max_z } = map.bounds;
  const left = camera.left(min_x), top = camera.top(max_z);
  const width = (max_x - min_x) * camera.scale, height = (max_z - min_z) * camera.scale;
  pen.fillStyle = looks.outside;
  pen.fillRect(0, 0, camera.width, camera.height);
  pen.fillStyle = looks.ground;
  pen.fillRect(left, top, width, height);
  if (shown.heat) drawHeat(pen, camera, map, looks, heat);
  else if (map.tiles !== null) density.draw(pen, map.tiles, looks.density, left, top, width, height);
  if (shown.grid) drawGrid(pen, camera, map, looks);
  pen.strokeStyle = looks.border;
  pen.lineWidth = 2;
  pen.strokeRect(left, top, width, height);
}

/** drawHeat draws how many players are in each cell. Where cells are told of by squares, those at the far edges go beyond it. */
function drawHeat(pen: Pen, camera: MapCamera, { bounds, load, columns, rows }: WorldMap, looks: Looks, heat: Raster): void {
  const width = (bounds.max_x - bounds.min_x) * camera.scale, height = (bounds.max_z - bounds.min_z) * camera.scale;
  const left = camera.left(bounds.min_x), bottom = camera.top(bounds.min_z);
  const wide = (width * load.span * load.columns) / columns, deep = (height * load.span * load.rows) / rows;
  pen.save();
  pen.beginPath();
  pen.rect(left, bottom - height, width, height);
  pen.clip();
  heat.draw(pen, load, looks.heat, left, bottom - deep, wide, deep);
  pen.restore();
}

/** drawGrid draws the lines between cells, as far as they are on the screen. */
function drawGrid(pen: Pen, camera: MapCamera, { bounds, columns, rows }: WorldMap, looks: Looks): void {
  const wide = (bounds.max_x - bounds.min_x) / columns, deep = (bounds.max_z - bounds.min_z) / rows;
  if (Math.min(wide, deep) * camera.scale < leastCell) return;
  const corner = camera.place(0, camera.height), far = camera.place(camera.width, 0);
  pen.strokeStyle = looks.line;
  pen.globalAlpha = 0.4;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = Math.max(1, Math.ceil((corner.x - bounds.min_x) / wide)); i < columns && bounds.min_x + i * wide < far.x; i++) {
    const x = Math.round(camera.left(bounds.min_x + i * wide)) + 0.5;
    pen.moveTo(x, camera.top(bounds.max_z));
    pen.lineTo(x, camera.top(bounds.min_z));
  }
  for (let i = Math.max(1, Math.ceil((corner.z - bounds.min_z) / deep)); i < rows && bounds.min_z + i * deep < far.z; i++) {
    const y = Math.round(camera.top(bounds.min_z + i * deep)) + 0.5;
    pen.moveTo(camera.left(bounds.min_x), y);
    pen.lineTo(camera.left(bounds.max_x), y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/** drawCells draws which cells somebody sees, and from which one. */
export function drawCells(
  pen: Pen, camera: MapCamera, { bounds, columns, rows }: WorldMap, looks: Looks, cells: readonly number[], eye: number,
): void {
  const wide = (bounds.max_x - bounds.min_x) / columns, deep = (bounds.max_z - bounds.min_z) / rows;
  const box = (first: number, last: number) => {
    const left = camera.left(bounds.min_x + (first % columns) * wide), bottom = camera.top(bounds.min_z + Math.floor(first / columns) * deep);
    const right = camera.left(bounds.min_x + ((last % columns) + 1) * wide);
    const top = camera.top(bounds.min_z + (Math.floor(last / columns) + 1) * deep);
    return [left, top, right - left, bottom - top] as const;
  };
  if (cells.length === 0) return;
  pen.fillStyle = looks.view;
  for (const cell of cells) pen.fillRect(...box(cell, cell));
  pen.strokeStyle = looks.eye;
  pen.lineWidth = 2.5;
  pen.strokeRect(...box(Math.min(...cells), Math.max(...cells)));
  pen.lineWidth = 1.5;
  if (eye >= 0) pen.strokeRect(...box(eye, eye));
}
