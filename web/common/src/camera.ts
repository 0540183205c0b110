/** A Camera says where on the screen a place of the world is. North, where z grows, is up. */
export class Camera {
  /** The place in the middle of the screen. */
  x = 0;
  z = 0;
  /** Pixels of the screen for a world unit. */
  scale = 10;
  /** The size of the screen (pixels). */
  width = 1;
  height = 1;

  /** left and top return the pixel of a place. */
  left(x: number): number {
    return this.width / 2 + (x - this.x) * this.scale;
  }

  top(z: number): number {
    return this.height / 2 - (z - this.z) * this.scale;
  }

  /** place returns the place of a pixel. */
  place(left: number, top: number): { x: number; z: number } {
    return { x: this.x + (left - this.width / 2) / this.scale, z: this.z - (top - this.height / 2) / this.scale };
  }
}
