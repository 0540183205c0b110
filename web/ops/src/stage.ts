import { fit } from "../../common/src/canvas.js";
import { whenDarkChanges } from "../../common/src/dark.js";
import { MapCamera } from "./camera.js";
import type { View, WorldMap } from "./contract.js";
import { Dots, nearestTo, radiusAt } from "./dots.js";
import { Gestures } from "./gestures.js";
import { drawCells, drawGround, type Shown } from "./ground.js";
import { groupOf, looks } from "./looks.js";
import { Past } from "./past.js";
import { Raster } from "./raster.js";
import { find, Scene } from "./scene.js";

/** How near one must press to somebody (pixels). */
const reach = 18;

/** How often the frames that were drawn are counted (ms). */
const every = 500;

/** What is done on the stage. */
export interface Done {
  /** Somebody was chosen; undefined is nobody. */
  choose: (id: number | undefined) => void;
  /** A place was pressed while one was asked for; undefined is none after all. */
  place: (at: { x: number; z: number } | undefined) => void;
  /** The pointer is over a place. */
  hover: (at: { x: number; z: number }) => void;
  /** A key was pressed that the map does not know; true if it meant something. */
  key: (key: string) => boolean;
  /** The camera goes with the chosen player from now on, or no longer. */
  follow: (on: boolean) => void;
}

/** A Stage draws the live map, as often as something moves on it. */
export class Stage {
  readonly camera = new MapCamera();
  readonly scene = new Scene();
  readonly past = new Past();
  readonly shown: Shown = { grid: true, heat: true };
  readonly dots = new Dots();
  /** Frames a second in the last half second, for whoever asks. */
  framesPerSecond = 0;
  /** The player whose path is drawn, and where it is, if it is on no map. */
  chosen: number | undefined;
  /** Where the player was seen that is on no map, for it shows no dots. */
  seen: { x: number; z: number } | undefined;
  /** What the player is shown. */
  view: View | undefined;

  private readonly pen: CanvasRenderingContext2D;
  private readonly heat = new Raster();
  private readonly density = new Raster();
  private looks = looks();
  private ratio = 1;
  private stale = true; // whether something is to be drawn, though nobody moves
  private wanted = false; // whether a place is asked for
  private following = false; // whether the camera goes with the chosen player
  private frames = 0;
  private counted = 0;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly done: Done) {
    this.pen = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    whenDarkChanges(() => {
      this.looks = looks();
      this.refresh();
    });
    new ResizeObserver(() => this.resize()).observe(canvas);
    new Gestures(canvas, {
      pan: (right, down) => this.moveCamera(() => this.camera.pan(right, down)),
      zoom: (factor, left, top) => this.zoom(factor, left, top),
      press: (left, top) => this.press(left, top),
      hover: (left, top) => this.done.hover(this.camera.place(left, top)),
      key: (key) => this.key(key),
    });
    requestAnimationFrame((now) => this.frame(now));
  }

  /** take takes in a map that has come. */
  take(map: WorldMap, now: number): void {
    if (this.scene.map?.world !== map.world) this.past.forget();
    this.scene.take(map, now);
    this.camera.over(map.bounds);
    const { ids, x, z } = this.scene.crowd;
    if (ids.length > 0) this.past.add(now, ids, x, z);
    this.refresh();
  }

  /** refresh has all drawn anew. */
  refresh(): void {
    this.stale = true;
  }

  /** ask asks for a place, or no longer. */
  ask(wanted: boolean): void {
    this.wanted = wanted;
    this.canvas.classList.toggle("asks", wanted);
    this.refresh();
  }

  /** follow has the camera go with the chosen player, until somebody moves it; or no longer. */
  follow(on: boolean): void {
    if (on === this.following) return;
    this.following = on;
    this.done.follow(on);
    this.refresh();
  }

  /** zoom comes nearer by a factor; the place at a pixel stays there, unless a player is followed. */
  zoom(factor: number, left?: number, top?: number): void {
    if (this.following) this.camera.zoom(factor);
    else this.camera.zoom(factor, left, top);
    this.refresh();
  }

  /** whole shows the whole world. */
  whole(): void {
    this.moveCamera(() => this.camera.whole());
  }

  /** where returns where somebody is shown, if it is on the map. */
  where(id: number, now: number): { x: number; z: number } | undefined {
    const at = find(this.scene.crowd.ids, id);
    if (at >= 0) return { x: this.scene.x(at, now), z: this.scene.z(at, now) };
    return id === this.chosen ? this.seen : undefined;
  }

  /** next chooses the player that comes after the chosen one, or before, by id, of those on the screen. */
  next(step: 1 | -1): void {
    const now = performance.now();
    const { ids, kinds } = this.scene.crowd;
    const players = [...ids].filter((_, i) => kinds[i] === 0 && this.onScreen(this.scene.x(i, now), this.scene.z(i, now)));
    const at = players.indexOf(this.chosen ?? -1);
    if (players.length > 0) this.done.choose(players[at < 0 ? 0 : (at + step + players.length) % players.length]);
  }

  /** seek moves the map if a place is not on the screen. */
  seek(x: number, z: number): void {
    if (!this.onScreen(x, z)) this.moveCamera(() => this.camera.centre(x, z));
  }

  private onScreen(x: number, z: number): boolean {
    const left = this.camera.left(x), top = this.camera.top(z);
    return left >= 0 && top >= 0 && left <= this.camera.width && top <= this.camera.height;
  }

  private moveCamera(move: () => void): void {
    this.follow(false);
    move();
    this.refresh();
  }

  private press(left: number, top: number): void {
    if (this.wanted) this.done.place(this.camera.place(left, top));
    else this.done.choose(this.scene.crowd.ids[nearestTo(this.camera, this.scene, left, top, reach, performance.now())]);
  }

  private key(key: string): boolean {
    if (key === "0") this.whole();
    else if (key === "n") this.next(1);
    else if (key === "p") this.next(-1);
    else if (key === "Enter" && this.wanted) this.done.place({ x: this.camera.x, z: this.camera.z });
    else if (key === "Escape" && this.wanted) this.done.place(undefined);
    else return this.done.key(key);
    return true;
  }

  private resize(): void {
    const fitted = fit(this.canvas);
    if (fitted === undefined) return; // another tab is shown
    this.ratio = fitted.ratio;
    this.camera.resize(fitted.width, fitted.height);
    this.refresh();
  }

  private frame(now: number): void {
    requestAnimationFrame((next) => this.frame(next));
    if (now - this.counted >= every) {
      this.framesPerSecond = (this.frames * 1000) / (now - this.counted);
      [this.frames, this.counted] = [0, now];
    }
    if (this.canvas.offsetParent === null || (!this.stale && !this.scene.moving(now))) return;
    this.stale = false;
    this.frames++;
    this.draw(now);
  }

  private draw(now: number): void {
    const { pen, camera, scene, looks } = this;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const { map } = scene;
    if (map === undefined) {
      pen.fillStyle = looks.outside;
      pen.fillRect(0, 0, camera.width, camera.height);
      return;
    }
    const at = this.chosen === undefined ? undefined : this.where(this.chosen, now);
    if (this.following && at !== undefined) camera.centre(at.x, at.z);
    drawGround(pen, camera, map, looks, this.shown, this.heat, this.density);
    const view = this.view?.world === map.world ? this.view : undefined;
    if (view !== undefined) drawCells(pen, camera, map, looks, view.cells, view.looks_from);
    if (view !== undefined) pen.globalAlpha = 0.3;
    this.dots.draw(pen, camera, scene, looks, this.ratio, now);
    pen.globalAlpha = 1;
    if (view !== undefined) this.drawInspected(view, now);
    if (this.chosen !== undefined && at !== undefined) this.drawChosen(this.chosen, at);
    if (this.wanted) this.drawAim();
  }

  /** drawInspected draws whom a player is told of, or not, in the colours of the reasons. */
  private drawInspected(view: View, now: number): void {
    const { pen, camera, looks } = this;
    const radius = radiusAt(camera.scale) + 1;
    for (const { id, x, z, cell, why } of view.entities) {
      if (id === view.player || cell < 0) continue; // who has left the world is nowhere
      const at = this.where(id, now) ?? { x, z };
      pen.fillStyle = looks.groups[groupOf[why]];
      pen.strokeStyle = looks.edge;
      pen.beginPath();
      pen.arc(camera.left(at.x), camera.top(at.z), radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
  }

  /** drawChosen marks the chosen player, and its path. */
  private drawChosen(id: number, at: { x: number; z: number }): void {
    const { pen, camera, looks } = this;
    pen.strokeStyle = looks.mark;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const step of this.past.of(id)) pen.lineTo(camera.left(step.x), camera.top(step.z));
    pen.lineTo(camera.left(at.x), camera.top(at.z));
    pen.stroke();
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(camera.left(at.x), camera.top(at.z), radiusAt(camera.scale) + 4, 0, 2 * Math.PI);
    pen.stroke();
  }

  /** drawAim shows which place is meant by who has no pointer. */
  private drawAim(): void {
    const { pen, camera, looks } = this;
    const [left, top] = [camera.width / 2, camera.height / 2];
    pen.strokeStyle = looks.mark;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(left - 14, top);
    pen.lineTo(left + 14, top);
    pen.moveTo(left, top - 14);
    pen.lineTo(left, top + 14);
    pen.stroke();
  }
}
