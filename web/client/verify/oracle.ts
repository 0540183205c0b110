import type { Place, World } from "../src/index.js";
import type { Walker } from "./walker.js";

/** A cell is a column and a row. */
interface Cell {
  column: number;
  row: number;
}

/** How far beyond its viewer cell a viewer may be, in sides of the cell; beyond that, what rounding may do. */
const margin = 0.1 + 1e-6;

/** compare finds, by brute force, whom the walkers should be shown and are not, or are shown otherwise, or should not be. */
export function compare(all: readonly Walker[]): string[] {
  return all.flatMap((viewer) => [...wrongWithView(viewer, all), ...wrongWithEye(viewer)]);
}

/** wrongWithView finds what is wrong with whom a viewer is shown. */
function wrongWithView(viewer: Walker, all: readonly Walker[]): string[] {
  const wrong: string[] = [];
  const { client } = viewer;
  const world = client.world!;
  const complain = (id: number, what: string) => wrong.push(`to ${client.player}, ${id} ${what}`);
  const others = new Map(all.map((walker) => [walker.client.player, walker]));
  for (const [id, other] of others) {
    const shown = client.view.get(id);
    const { truth } = other;
    if (truth === undefined) continue;
    const visible = sees(world, cellOf(client.cell, world), cellAt(truth, world));
    if (visible && shown === undefined) complain(id, "is missing");
    else if (!visible && shown !== undefined) complain(id, "is a ghost");
    else if (shown !== undefined && JSON.stringify(client.place(shown)) !== JSON.stringify(truth)) {
      complain(id, `is shown at ${JSON.stringify(client.place(shown))}, and is at ${JSON.stringify(truth)}`);
    } else if (shown !== undefined && (shown.name !== other.client.name || shown.kind !== 0)) complain(id, `is called ${shown.name}`);
  }
  for (const { id, kind } of client.view.values()) if (kind === 0 && !others.has(id)) complain(id, "is nobody of ours, or has left");
  return wrong;
}

/** wrongWithEye finds whether a viewer looks from a cell from which it must not. */
function wrongWithEye({ client, truth }: Walker): string[] {
  if (truth === undefined) return [`${client.player} has never moved`];
  const world = client.world!;
  const eye = cellOf(client.cell, world);
  const width = (world.maxX - world.minX) / world.columns / world.quantum;
  const depth = (world.maxZ - world.minZ) / world.rows / world.quantum;
  const outside = (v: number, low: number, size: number) => Math.max(low - v, v - low - size, 0) / size;
  const far = Math.max(outside(truth.x, eye.column * width, width), outside(truth.z, eye.row * depth, depth));
  return far > margin ? [`${client.player} looks from cell ${client.cell}, and is ${far} cells outside of it`] : [];
}

/** cellAt returns the cell of a place. */
function cellAt(at: Place, world: World): Cell {
  const strip = (v: number, low: number, high: number, cells: number) =>
    Math.max(0, Math.min(Math.floor((Math.fround(low + v * world.quantum) - low) / ((high - low) / cells)), cells - 1));
  return { column: strip(at.x, world.minX, world.maxX, world.columns), row: strip(at.z, world.minZ, world.maxZ, world.rows) };
}

/** cellOf returns the cell of a number. */
function cellOf(number: number, { columns }: World): Cell {
  return { column: number % columns, row: Math.floor(number / columns) };
}

/** sees reports whether somebody in one cell is shown who is in another. */
function sees({ viewRadius }: World, a: Cell, b: Cell): boolean {
  return Math.abs(a.column - b.column) <= viewRadius && Math.abs(a.row - b.row) <= viewRadius;
}
