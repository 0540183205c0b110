import { find } from "./scene.js";

/** How long is remembered, and how often something is (ms). */
const [memory, step] = [60_000, 900];

/** A Step is who was where at a time. */
interface Step {
  time: number;
  ids: Int32Array;
  x: Float64Array;
  z: Float64Array;
}

/** A Past remembers where everybody was in the last minute. */
export class Past {
  private readonly steps: Step[] = [];

  /** add remembers where those of some ids, which rise, are at a time (ms), unless that was asked for a moment ago. */
  add(time: number, ids: Int32Array, x: Float64Array, z: Float64Array): void {
    const last = this.steps.at(-1);
    if (last !== undefined && time - last.time < step) return;
    this.steps.push({ time, ids, x, z });
    while ((this.steps[0] as Step).time < time - memory) this.steps.shift();
  }

  /** of returns where somebody was, the oldest first. */
  of(id: number): { x: number; z: number }[] {
    const path: { x: number; z: number }[] = [];
    for (const { ids, x, z } of this.steps) {
      const at = find(ids, id);
      if (at >= 0) path.push({ x: x[at] as number, z: z[at] as number });
    }
    return path;
  }

  /** forget forgets all, as where another world is looked at. */
  forget(): void {
    this.steps.length = 0;
  }
}
