import type { MapCamera } from "./camera.js";
import type { Looks } from "./looks.js";
import type { Scene } from "./scene.js";

type Pen = CanvasRenderingContext2D;

/** The looks of a dot: a player, a wanderer, a thing of a game's; the same, hidden. */
const [player, wanderer, thing, kinds] = [0, 1, 2, 3];

/** Dots draws everybody as a dot. */
export class Dots {
  /** How many were drawn in the last frame. */
  drawn = 0;

  private sprites: HTMLCanvasElement[] = [];
  private made = { looks: undefined as Looks | undefined, radius: 0, ratio: 0 };

  /** draw draws the dots of a scene as they are at a time, the wanderers below. */
  draw(pen: Pen, camera: MapCamera, scene: Scene, looks: Looks, ratio: number, now: number): void {
    const radius = radiusAt(camera.scale);
    if (this.made.looks !== looks || this.made.radius !== radius || this.made.ratio !== ratio) this.make(looks, radius, ratio);
    const { crowd } = scene;
    const size = (this.sprites[0] as HTMLCanvasElement).width / ratio, half = size / 2;
    const right = camera.width + half, bottom = camera.height + half;
    this.drawn = 0;
    pen.imageSmoothingEnabled = false; // with that, and at whole pixels, a picture is only copied
    for (const above of [false, true]) {
      for (let i = 0; i < crowd.ids.length; i++) {
        const kind = crowd.kinds[i] === 0 ? player : crowd.kinds[i] === 1 ? wanderer : thing;
        if ((kind === player) !== above) continue;
        const left = camera.left(scene.x(i, now)), top = camera.top(scene.z(i, now));
        if (left < -half || left > right || top < -half || top > bottom) continue;
        const sprite = this.sprites[kind + kinds * (crowd.hidden[i] as number)] as HTMLCanvasElement;
        pen.drawImage(sprite, Math.round((left - half) * ratio) / ratio, Math.round((top - half) * ratio) / ratio, size, size);
        this.drawn++;
      }
    }
  }

  /** make makes the pictures of the dots. Who is hidden is a ring, so that it takes no colours to know. */
  private make(looks: Looks, radius: number, ratio: number): void {
    const colours = [looks.player, looks.wanderer, looks.thing];
    this.sprites = [0, 1].flatMap((hidden) => colours.map((colour, kind) => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = Math.ceil(2 * (radius + 2) * ratio);
      const pen = canvas.getContext("2d") as Pen;
      pen.scale(ratio, ratio);
      pen.beginPath();
      const middle = canvas.width / ratio / 2;
      pen.arc(middle, middle, kind === player ? radius : radius * 0.72, 0, 2 * Math.PI);
      pen.lineWidth = hidden === 1 ? Math.max(1.5, radius / 3) : 1;
      pen.strokeStyle = hidden === 1 ? looks.hidden : looks.edge;
      pen.fillStyle = colour;
      if (hidden === 0) pen.fill();
      pen.stroke();
      return canvas;
    }));
    this.made = { looks, radius, ratio };
  }
}

/** radiusAt returns the radius of a player's dot at a scale (pixels): a step, so that pictures need not be made anew all the time. */
export function radiusAt(scale: number): number {
  return Math.round(2 * Math.max(3, Math.min(9, 0.4 * scale))) / 2;
}

/** nearestTo returns the index of who is shown nearest to a pixel, or -1 where nobody is within reach (pixels). */
export function nearestTo(camera: MapCamera, scene: Scene, left: number, top: number, reach: number, now: number): number {
  let best = -1, least = reach;
  for (let i = 0; i < scene.crowd.ids.length; i++) {
    const far = Math.hypot(camera.left(scene.x(i, now)) - left, camera.top(scene.z(i, now)) - top);
    if (far < least) [best, least] = [i, far];
  }
  return best;
}
