import type { Client } from "aoiworld-client";
import type { Camera } from "../../common/src/camera.js";
import type { Palette } from "../../common/src/palette.js";

/** drawCrowds draws how crowds are spread of which most members are told of only now and then: a cloud for each group. */
export function drawCrowds(pen: CanvasRenderingContext2D, camera: Camera, client: Client, palette: Palette): void {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = "700 13px system-ui, sans-serif";
  for (const { groups } of client.crowds) {
    for (const { count, x, z } of groups) {
      const at = client.position({ x, y: 0, z, heading: 0 });
      const left = camera.left(at.x), top = camera.top(at.z);
      const radius = Math.max(16, Math.sqrt(count) * 0.35 * camera.scale);
      pen.fillStyle = palette.view;
      pen.strokeStyle = palette.eye;
      pen.lineWidth = 1;
      pen.setLineDash([4, 5]);
      pen.beginPath();
      pen.arc(left, top, radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      pen.setLineDash([]);
      pen.fillStyle = palette.eye;
      pen.fillText(String(count), left, top - radius - 9);
    }
  }
}
