import type { Squares } from "./contract.js";

/** A Ramp is the colour, as red, green, blue and opacity (0 to 255), of a part of the most there is (0 to 1, above 0). */
export type Ramp = (part: number) => readonly [number, number, number, number];

/** rampOf returns a ramp from a faint colour to a full one. */
export function rampOf(red: number, green: number, blue: number, faintest: number, fullest: number): Ramp {
  return (part) => [red, green, blue, Math.round(faintest + (fullest - faintest) * part)];
}

/** shade returns the pixels of squares, one each, north up. What is empty is clear. Equal steps of the square root look equal. */
export function shade({ columns, rows, counts }: Squares, ramp: Ramp): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * columns * rows);
  const most = largest(counts);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const count = counts[row * columns + column] ?? 0;
      if (count > 0) pixels.set(ramp(Math.sqrt(count / most)), 4 * ((rows - 1 - row) * columns + column));
    }
  }
  return pixels;
}

/** largest returns the largest of some counts, at least 1. */
export function largest(counts: readonly number[]): number {
  return counts.reduce((most, count) => Math.max(most, count), 1);
}

/** A Raster is a picture of squares, a pixel each, that is drawn as large as one likes. */
export class Raster {
  private readonly canvas = document.createElement("canvas");
  private painted: Squares | undefined;
  private ramp: Ramp | undefined;

  /** draw draws squares into a rectangle of the screen. */
  draw(pen: CanvasRenderingContext2D, squares: Squares, ramp: Ramp, left: number, top: number, width: number, height: number): void {
    if (this.painted !== squares || this.ramp !== ramp) {
      this.canvas.width = squares.columns;
      this.canvas.height = squares.rows;
      const image = new ImageData(shade(squares, ramp), squares.columns, squares.rows);
      (this.canvas.getContext("2d") as CanvasRenderingContext2D).putImageData(image, 0, 0);
      [this.painted, this.ramp] = [squares, ramp];
    }
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.canvas, left, top, width, height);
  }
}
