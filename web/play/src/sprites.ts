import type { Palette } from "../../common/src/palette.js";

/** In how many directions a sprite looks. */
const directions = 24;

/** The most labels that are kept. */
const maxLabels = 400;

/** A Drawing is a picture that was drawn once. */
type Drawing = HTMLCanvasElement;

/** Sprites draws everybody, and what they are called, once, and hands out the pictures. */
export class Sprites {
  private readonly bodies = new Map<number, Drawing>();
  private readonly labels = new Map<string, Drawing>();

  /** Pictures in the colours of a palette; bodies of a radius, both in pixels of the screen. */
  constructor(private readonly palette: Palette, readonly radius: number, private readonly ratio: number) {}

  /** body returns the picture of somebody of a hue and a kind who looks in a direction (degrees). */
  body(hue: number, kind: number, heading: number): Drawing {
    const step = Math.round(heading / (360 / directions)) % directions;
    const shape = Math.min(kind, 2);
    const key = (hue * directions + step) * 3 + shape;
    let drawing = this.bodies.get(key);
    if (drawing === undefined) this.bodies.set(key, (drawing = this.drawBody(hue, shape, (step * 2 * Math.PI) / directions)));
    return drawing;
  }

  /** label returns the picture of a name. */
  label(name: string): Drawing {
    let drawing = this.labels.get(name);
    if (drawing === undefined) {
      if (this.labels.size >= maxLabels) this.labels.clear();
      this.labels.set(name, (drawing = this.drawLabel(name)));
    }
    return drawing;
  }

  private drawBody(hue: number, shape: number, angle: number): Drawing {
    const { palette } = this;
    const r = this.radius * this.ratio;
    const [drawing, pen] = canvas(3 * r, 3 * r);
    pen.translate(1.5 * r, 1.5 * r);
    pen.fillStyle = palette.shadow;
    oval(pen, 0, 0.55 * r, 0.85 * r, 0.4 * r);
    pen.fillStyle = shape === 1 ? palette.body(95) : palette.body(hue);
    pen.strokeStyle = shape === 1 ? palette.rim(95) : palette.rim(hue);
    pen.lineWidth = Math.max(1, r * 0.14);
    outline(pen, shape, r * (shape === 1 ? 0.7 : 0.95));
    pen.fill();
    pen.stroke();
    const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
    for (const side of [-1, 1]) {
      const x = dx * 0.38 * r - dy * side * 0.34 * r;
      const y = dy * 0.38 * r + dx * side * 0.34 * r;
      pen.fillStyle = "#fff";
      oval(pen, x, y, 0.23 * r, 0.23 * r);
      pen.fillStyle = "#222";
      oval(pen, x + dx * 0.08 * r, y + dy * 0.08 * r, 0.12 * r, 0.12 * r);
    }
    return drawing;
  }

  private drawLabel(name: string): Drawing {
    const size = 12 * this.ratio;
    const font = `600 ${size}px system-ui, sans-serif`;
    const measure = canvas(1, 1)[1];
    measure.font = font;
    const [drawing, pen] = canvas(measure.measureText(name).width + size, size * 1.6);
    pen.font = font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = size * 0.3;
    pen.strokeStyle = this.palette.halo;
    pen.strokeText(name, drawing.width / 2, drawing.height / 2);
    pen.fillStyle = this.palette.text;
    pen.fillText(name, drawing.width / 2, drawing.height / 2);
    return drawing;
  }
}

/** canvas returns an empty picture and what draws on it. */
function canvas(width: number, height: number): [Drawing, CanvasRenderingContext2D] {
  const drawing = document.createElement("canvas");
  drawing.width = Math.ceil(width);
  drawing.height = Math.ceil(height);
  return [drawing, drawing.getContext("2d") as CanvasRenderingContext2D];
}

/** oval fills an ellipse. */
function oval(pen: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number): void {
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  pen.fill();
}

/** outline makes the outline of a shape: a round player, a pointed wanderer, a square thing of a game. */
function outline(pen: CanvasRenderingContext2D, shape: number, r: number): void {
  pen.beginPath();
  if (shape === 0) pen.arc(0, 0, r, 0, 2 * Math.PI);
  else if (shape === 1) pen.roundRect(-r, -r, 2 * r, 2 * r, [r, r * 0.3, r, r * 0.3]);
  else pen.roundRect(-r, -r, 2 * r, 2 * r, r * 0.35);
}
