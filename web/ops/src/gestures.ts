/** What somebody does to a map, by mouse, touch or keys. */
export interface Actions {
  pan: (right: number, down: number) => void;
  zoom: (factor: number, left?: number, top?: number) => void;
  press: (left: number, top: number) => void;
  hover: (left: number, top: number) => void;
  key: (key: string) => boolean;
}

/** How far a pointer may go, and has pressed nevertheless (pixels). */
const slip = 5;

/** How far an arrow key leads (pixels), and how much nearer a key comes. */
const [stride, nearer] = [60, 1.3];

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [stride, 0], ArrowRight: [-stride, 0], ArrowUp: [0, stride], ArrowDown: [0, -stride],
};

interface Point {
  left: number;
  top: number;
}

/** Gestures tells what is done to a canvas. */
export class Gestures {
  private readonly pointers = new Map<number, Point>();
  private far = 0; // how far the pointers have gone since the first came down

  constructor(canvas: HTMLCanvasElement, private readonly actions: Actions) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      if (this.pointers.size === 0) this.far = 0;
      this.pointers.set(event.pointerId, pointOf(event));
      if (this.pointers.size > 1) this.far = Infinity;
    });
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => {
      const pressed = this.pointers.delete(event.pointerId) && this.pointers.size === 0 && this.far <= slip;
      if (pressed) actions.press(event.offsetX, event.offsetY);
    });
    canvas.addEventListener("lostpointercapture", (event) => this.pointers.delete(event.pointerId)); // however that came
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1);
      actions.zoom(Math.exp(-Math.max(-200, Math.min(200, pixels)) / 300), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.keyed(event.key)) return;
      event.preventDefault();
    });
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    const now = pointOf(event);
    if (before === undefined) {
      this.actions.hover(now.left, now.top);
      return;
    }
    this.far += Math.hypot(now.left - before.left, now.top - before.top);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other !== undefined) {
      const spread = (point: Point) => Math.max(20, Math.hypot(point.left - other.left, point.top - other.top));
      this.actions.zoom(spread(now) / spread(before), (now.left + other.left) / 2, (now.top + other.top) / 2);
      this.actions.pan((now.left - before.left) / 2, (now.top - before.top) / 2);
    } else if (this.far > slip) {
      this.actions.pan(now.left - before.left, now.top - before.top);
    }
  }

  private keyed(key: string): boolean {
    const way = arrows[key];
    if (way !== undefined) this.actions.pan(...way);
    else if (key === "+" || key === "=") this.actions.zoom(nearer);
    else if (key === "-") this.actions.zoom(1 / nearer);
    else return this.actions.key(key);
    return true;
  }
}

function pointOf(event: PointerEvent): Point {
  return { left: event.offsetX, top: event.offsetY };
}
