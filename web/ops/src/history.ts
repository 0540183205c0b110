import type { Figures, Measured } from "./contract.js";

/** How many samples are kept: ten minutes. */
const most = 600;

/** A History is what was measured in the last ten minutes: columns of one length, the oldest first. */
export class History {
  readonly columns: Partial<Record<Measured, number[]>> = {};
  /** Closes by code, in each sample. */
  readonly closes: Record<string, number[]> = {};
  /** The number of the last sample that is known. */
  last = 0;

  private started = "";
  private length = 0;

  /** take adds what is new. After a restart of the server nothing of before is left, and all of it is to be asked for. */
  take(figures: Figures): void {
    if (figures.started !== this.started && this.begin(figures.started)) return;
    const { numbers, columns, closes } = figures.history;
    const fresh = numbers.findIndex((number) => number > this.last);
    if (fresh < 0) return;
    const added = numbers.length - fresh;
    extend(this.columns, columns, this.length, fresh, added);
    extend(this.closes, closes, this.length, fresh, added);
    this.length += added;
    this.last = numbers.at(-1) as number;
    const over = this.length - most;
    if (over <= 0) return;
    for (const column of [...Object.values(this.columns), ...Object.values(this.closes)]) column.splice(0, over);
    for (const [code, column] of Object.entries(this.closes)) if (column.every((n) => n === 0)) delete this.closes[code];
    this.length = most;
  }

  /** times returns when the samples were taken (seconds since 1970). */
  times(): number[] {
    return (this.columns.time ?? []).map((ms) => ms / 1000);
  }

  /** column returns what was measured of something; nothing where the server does not know it. */
  column(name: Measured): number[] {
    return this.columns[name] ?? [];
  }

  /** begin forgets everything, and reports whether there was something to forget. */
  private begin(started: string): boolean {
    const asked = this.last > 0; // the answer is about what came after that, in another life of the server
    for (const all of [this.columns, this.closes] as Record<string, number[]>[]) for (const name of Object.keys(all)) delete all[name];
    [this.started, this.length, this.last] = [started, 0, 0];
    return asked;
  }
}

/** extend adds to columns of a length some numbers of others, from the one at an index on; what is missing is 0. */
function extend(to: Record<string, number[]>, from: Record<string, number[]>, length: number, first: number, added: number): void {
  for (const name of new Set([...Object.keys(to), ...Object.keys(from)])) {
    const column = (to[name] ??= new Array<number>(length).fill(0));
    for (let i = 0; i < added; i++) column.push(from[name]?.[first + i] ?? 0);
  }
}
