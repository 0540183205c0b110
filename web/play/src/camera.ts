import { Camera } from "../../common/src/camera.js";

/** A FollowingCamera shows as much of the world as the player sees. */
export class FollowingCamera extends Camera {
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
}
