import type { Client, Position } from "aoiworld-client";
import type { Stage } from "./stage.js";

/** World units a second, where the server does not want less. */
const pace = 9;

/** How far from where one is shown one may think to be, before the server is believed (world units). */
const trust = 1.5;

/** In which direction a key leads. */
const ways: Record<string, readonly [number, number]> = {
  ArrowUp: [0, 1], KeyW: [0, 1], ArrowDown: [0, -1], KeyS: [0, -1],
  ArrowLeft: [-1, 0], KeyA: [-1, 0], ArrowRight: [1, 0], KeyD: [1, 0],
};

/** Steering walks the player about, by keys, mouse or touch. */
export class Steering {
  private readonly held = new Set<string>();
  private pressed: { left: number; top: number } | undefined; // a pointer that is held
  private at: Position | undefined; // where one thinks to be while one walks

  constructor(private readonly stage: Stage, canvas: HTMLElement) {
    canvas.addEventListener("keydown", (event) => {
      if (!(event.code in ways) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.held.add(event.code);
      this.stage.goal = undefined;
    });
    addEventListener("keyup", (event) => this.held.delete(event.code));
    addEventListener("blur", () => this.release());
    canvas.addEventListener("blur", () => this.held.clear());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.press(event);
    });
    canvas.addEventListener("pointermove", (event) => this.pressed !== undefined && this.press(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.pressed = undefined));
  }

  /** release lets go of all keys and pointers. */
  release(): void {
    this.held.clear();
    this.pressed = undefined;
    this.stage.goal = undefined;
  }

  /** press makes a goal of where a pointer is. */
  private press({ offsetX: left, offsetY: top }: PointerEvent): void {
    this.pressed = { left, top };
    this.stage.goal = this.stage.camera.place(left, top);
  }

  /** walk moves the player on, so many seconds after the last time. */
  walk(client: Client, seconds: number): void {
    const { world } = client;
    if (world === undefined || client.state !== "playing") {
      this.at = this.stage.goal = undefined;
      return;
    }
    if (this.pressed !== undefined) this.stage.goal = this.stage.camera.place(this.pressed.left, this.pressed.top);
    const here = client.here();
    if (this.at === undefined || Math.hypot(this.at.x - here.x, this.at.z - here.z) > trust) this.at = here;
    const limit = client.limits?.maxSpeed ?? 0;
    const step = this.step(this.at, (limit > 0 ? Math.min(pace, 0.9 * limit) : pace) * seconds);
    if (step === undefined) {
      this.at = undefined;
      return;
    }
    const [dx, dz] = step;
    this.at = {
      x: Math.max(world.minX, Math.min(world.maxX, this.at.x + dx)),
      y: here.y,
      z: Math.max(world.minZ, Math.min(world.maxZ, this.at.z + dz)),
      heading: (Math.atan2(dx, dz) * 180) / Math.PI,
    };
    client.move(this.at);
  }

  /** step returns where to go from a place, at most so far; undefined is nowhere. */
  private step(at: Position, length: number): [number, number] | undefined {
    let [x, z] = [0, 0];
    for (const code of this.held) {
      x += ways[code]?.[0] ?? 0;
      z += ways[code]?.[1] ?? 0;
    }
    const { goal } = this.stage;
    if (goal !== undefined) {
      [x, z] = [goal.x - at.x, goal.z - at.z];
      if (Math.hypot(x, z) <= length) {
        this.stage.goal = undefined;
        return x === 0 && z === 0 ? undefined : [x, z];
      }
    }
    const far = Math.hypot(x, z);
    return far === 0 ? undefined : [(x / far) * length, (z / far) * length];
  }
}
