import type { Client } from "aoiworld-client";
import { isDark } from "../../common/src/dark.js";
import { element } from "../../common/src/dom.js";
import { hueOf, paletteOf } from "../../common/src/palette.js";

/** How often the map is drawn (ms). */
const every = 150;

/** Map draws the whole world, small: what one sees of it, and oneself. */
export class Map {
  private readonly canvas = element<HTMLCanvasElement>("map");
  private readonly pen = this.canvas.getContext("2d") as CanvasRenderingContext2D;
  private drawn = 0;

  /** draw draws the map of a client's world, now and then. */
  draw(client: Client, now: number): void {
    if (now - this.drawn < every) return;
    this.drawn = now;
    const { world } = client;
    this.canvas.hidden = world === undefined;
    if (world === undefined) return;
    const { pen } = this;
    const { width, height } = this.canvas;
    const palette = paletteOf(isDark());
    const scale = Math.min(width / (world.maxX - world.minX), height / (world.maxZ - world.minZ));
    const x = (v: number) => (v - world.minX) * scale, y = (v: number) => height - (v - world.minZ) * scale;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = palette.ground;
    pen.fillRect(0, y(world.maxZ), x(world.maxX), (world.maxZ - world.minZ) * scale);
    const wide = (world.maxX - world.minX) / world.columns, deep = (world.maxZ - world.minZ) / world.rows;
    const column = client.cell % world.columns, row = Math.floor(client.cell / world.columns);
    const r = world.viewRadius;
    pen.fillStyle = palette.view;
    pen.fillRect(x(world.minX + (column - r) * wide), y(world.minZ + (row + r + 1) * deep), (2 * r + 1) * wide * scale, (2 * r + 1) * deep * scale);
    for (const entity of client.view.values()) {
      const at = client.position(client.place(entity));
      pen.fillStyle = palette.body(hueOf(entity.id));
      pen.fillRect(x(at.x) - 1, y(at.z) - 1, 2, 2);
    }
    const here = client.here();
    pen.fillStyle = palette.mark;
    pen.beginPath();
    pen.arc(x(here.x), y(here.z), 4, 0, 2 * Math.PI);
    pen.fill();
  }
}
