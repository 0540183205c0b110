import { shownName, type Client, type Entity, type Position } from "aoiworld-client";
import { fit } from "../../common/src/canvas.js";
import { isDark, whenDarkChanges } from "../../common/src/dark.js";
import { hueOf, paletteOf } from "../../common/src/palette.js";
import { drawBubble, type Bubble } from "./bubble.js";
import { FollowingCamera } from "./camera.js";
import { drawCrowds } from "./crowds.js";
import { drawGrid, drawGround } from "./ground.js";
import { Sprites } from "./sprites.js";

/** How many names are shown at once, before only the nearest are. */
const manyNames = 120;

/** How long a chat hangs above its speaker, and how long a hop takes (ms). */
const bubbleMillis = 6000;
const hopMillis = 450;

/** A Figure is somebody to draw. */
interface Figure {
  entity: Entity;
  at: Position;
  left: number;
  top: number;
}

/** A Stage draws what one sees. */
export class Stage {
  readonly camera = new FollowingCamera();
  grid = false;
  /** Where one is going, if one has pressed there. */
  goal: { x: number; z: number } | undefined;

  private readonly pen: CanvasRenderingContext2D;
  private palette = paletteOf(isDark());
  private sprites: Sprites | undefined;
  private ratio = 1;
  private readonly bubbles = new Map<number, Bubble>();
  private readonly hops = new Map<number, number>();

  /** A stage on a canvas. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    whenDarkChanges(() => {
      this.palette = paletteOf(isDark());
      this.sprites = undefined;
    });
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  /** say hangs a text above somebody. */
  say(player: number, text: string, nearby: boolean): void {
    this.bubbles.set(player, { text, nearby, until: performance.now() + bubbleMillis, lines: undefined });
  }

  /** hop lets somebody hop. */
  hop(player: number): void {
    this.hops.set(player, performance.now());
  }

  /** forget forgets what was said and done. */
  forget(): void {
    this.bubbles.clear();
    this.hops.clear();
  }

  /** draw draws what a client sees now. */
  draw(client: Client | undefined, now: number): void {
    const world = client?.world;
    const { pen, camera } = this;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    if (client === undefined || world === undefined) {
      pen.fillStyle = this.palette.ground;
      pen.fillRect(0, 0, camera.width, camera.height);
      return;
    }
    const seen = 2 * world.viewRadius + 1;
    camera.fit((seen * (world.maxX - world.minX)) / world.columns, (seen * (world.maxZ - world.minZ)) / world.rows);
    ({ x: camera.x, z: camera.z } = client.here());
    drawGround(pen, camera, world, this.palette);
    if (this.grid) drawGrid(pen, camera, world, this.palette, client.cell);
    drawCrowds(pen, camera, client, this.palette);
    this.drawGoal(now);
    this.drawFigures(this.figures(client), client.player, now);
  }

  private resize(): void {
    const fitted = fit(this.canvas);
    if (fitted === undefined) return;
    this.ratio = fitted.ratio;
    [this.camera.width, this.camera.height] = [fitted.width, fitted.height];
    this.sprites = undefined;
  }

  /** figures returns everybody who is on the screen, those behind first. */
  private figures(client: Client): Figure[] {
    const { camera } = this;
    const margin = 60;
    const all: Figure[] = [];
    for (const entity of client.view.values()) {
      const at = client.shown(entity.id);
      if (at === undefined) continue;
      const left = camera.left(at.x), top = camera.top(at.z);
      const visible = left > -margin && left < camera.width + margin && top > -margin && top < camera.height + margin;
      if (visible) all.push({ entity, at, left, top });
    }
    return all.sort((a, b) => a.top - b.top);
  }

  private drawFigures(figures: Figure[], self: number, now: number): void {
    const { pen, camera } = this;
    const radius = Math.max(5, Math.min(18, Math.round(0.75 * camera.scale)));
    if (this.sprites?.radius !== radius) this.sprites = new Sprites(this.palette, radius, this.ratio);
    const { sprites } = this;
    const size = 3 * radius;
    for (const { entity, at, left, top } of figures) {
      if (entity.id === self) this.drawRing(left, top, radius);
      const body = sprites.body(hueOf(entity.id), entity.kind, at.heading);
      pen.drawImage(body, left - size / 2, top - size / 2 - this.lift(entity.id, now, radius), size, size);
    }
    const near = figures.length > manyNames ? 6 * camera.scale : Infinity;
    for (const { entity, left, top } of figures) {
      const far = Math.abs(left - camera.width / 2) + Math.abs(top - camera.height / 2);
      const name = far <= near ? shownName(entity) : "";
      if (name !== "") this.drawName(sprites.label(name), left, top + radius + 2);
    }
    for (const { entity, left, top } of figures) this.drawBubbleOf(entity.id, left, top - radius - 6, now);
  }

  private drawName(label: HTMLCanvasElement, left: number, top: number): void {
    const width = label.width / this.ratio;
    this.pen.drawImage(label, left - width / 2, top, width, label.height / this.ratio);
  }

  private drawBubbleOf(id: number, left: number, top: number, now: number): void {
    const bubble = this.bubbles.get(id);
    if (bubble === undefined) return;
    if (now > bubble.until) this.bubbles.delete(id);
    else drawBubble(this.pen, bubble, left, top, now, this.palette);
  }

  /** lift returns how high somebody is in a hop (pixels). */
  private lift(id: number, now: number, radius: number): number {
    const began = this.hops.get(id);
    if (began === undefined) return 0;
    const part = (now - began) / hopMillis;
    if (part > 1) this.hops.delete(id);
    return part > 1 ? 0 : 4 * part * (1 - part) * radius * 1.6;
  }

  /** drawRing marks oneself. */
  private drawRing(left: number, top: number, radius: number): void {
    const { pen } = this;
    pen.strokeStyle = this.palette.mark;
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.ellipse(left, top + radius * 0.45, radius * 1.35, radius * 0.8, 0, 0, 2 * Math.PI);
    pen.stroke();
  }

  private drawGoal(now: number): void {
    const { pen, camera, goal } = this;
    if (goal === undefined) return;
    const pulse = 5 + 3 * Math.sin(now / 140);
    pen.strokeStyle = this.palette.mark;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(camera.left(goal.x), camera.top(goal.z), pulse, 0, 2 * Math.PI);
    pen.stroke();
  }
}
