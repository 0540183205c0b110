/** A Camera says where on the screen a place of the world is. North, where z grows, is up. */
export class Camera {
  x = 0;
  z = 0;
  /** Pixels of the screen for a world unit. */
  scale = 10;
  width = 1;
  height = 1;
  private zoom = 1;

  /** fit makes as much of the world fill the screen as one sees: so many world units. */
  fit(unitsX: number, unitsZ: number): void {
    const filling = Math.max(this.width / unitsX, this.height / unitsZ);
    this.scale = Math.max(2, Math.min(60, filling * this.zoom));
  }

  /** closer zooms in by a factor, or out. */
  closer(factor: number): void {
    this.zoom = Math.max(0.4, Math.min(3, this.zoom * factor));
  }

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
