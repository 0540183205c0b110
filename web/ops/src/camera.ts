import { Camera } from "../../common/src/camera.js";
import type { Bounds } from "./contract.js";

/** The part of the screen that is left free round a world that is shown whole. */
const margin = 0.04;

/** How near one can come (pixels for a world unit). */
const nearest = 120;

/** A MapCamera can be moved freely, as long as some of the world is to be seen. */
export class MapCamera extends Camera {
  private bounds: Bounds = { min_x: 0, max_x: 1, min_z: 0, max_z: 1 };
  private free = false; // whether somebody has moved it

  /** over says which world is below; one that has another size is shown whole. */
  over(bounds: Bounds): void {
    const before = this.bounds;
    this.bounds = bounds;
    const same = (["min_x", "max_x", "min_z", "max_z"] as const).every((side) => before[side] === bounds[side]);
    if (!same) this.whole();
  }

  /** resize says how large the screen is. A world that was shown whole stays so. */
  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    if (this.free) this.pan(0, 0);
    else this.whole();
  }

  /** whole shows the whole world. */
  whole(): void {
    const { min_x, max_x, min_z, max_z } = this.bounds;
    this.x = (min_x + max_x) / 2;
    this.z = (min_z + max_z) / 2;
    this.scale = this.filling();
    this.free = false;
  }

  /** pan moves what is shown by so many pixels. */
  pan(right: number, down: number): void {
    this.centre(this.x - right / this.scale, this.z + down / this.scale);
  }

  /** centre shows a place in the middle. */
  centre(x: number, z: number): void {
    const { min_x, max_x, min_z, max_z } = this.bounds;
    this.x = Math.max(min_x, Math.min(max_x, x));
    this.z = Math.max(min_z, Math.min(max_z, z));
    this.free = true;
  }

  /** zoom comes nearer by a factor, or goes farther; the place at a pixel stays there. */
  zoom(factor: number, left = this.width / 2, top = this.height / 2): void {
    const least = this.filling() / 2;
    const before = this.place(left, top);
    this.scale = Math.max(least, Math.min(Math.max(nearest, least), this.scale * factor));
    const after = this.place(left, top);
    this.centre(this.x + before.x - after.x, this.z + before.z - after.z);
  }

  /** filling is the scale at which the world fills the screen. */
  private filling(): number {
    const { min_x, max_x, min_z, max_z } = this.bounds;
    return Math.min(this.width / (max_x - min_x), this.height / (max_z - min_z)) * (1 - 2 * margin);
  }
}
