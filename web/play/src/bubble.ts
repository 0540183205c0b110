import type { Palette } from "../../common/src/palette.js";

/** A Bubble is what somebody said, above the head. */
export interface Bubble {
  text: string;
  nearby: boolean;
  until: number;
  lines: string[] | undefined; // once they were cut
}

/** How wide a line is (pixels), and how many there are. */
const maxWidth = 180;
const maxLines = 3;
const lineHeight = 17;

/** drawBubble draws a bubble above a point. It fades in its last half second. */
export function drawBubble(pen: CanvasRenderingContext2D, bubble: Bubble, left: number, top: number, now: number, palette: Palette): void {
  pen.font = "13px system-ui, sans-serif";
  const lines = (bubble.lines ??= cut(pen, bubble.text));
  const width = Math.max(...lines.map((line) => pen.measureText(line).width)) + 18;
  const height = lines.length * lineHeight + 10;
  pen.globalAlpha = Math.min(1, (bubble.until - now) / 500);
  pen.fillStyle = palette.bubble;
  pen.strokeStyle = bubble.nearby ? palette.eye : palette.border;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(left - width / 2, top - height - 6, width, height, 9);
  pen.fill();
  pen.stroke();
  pen.beginPath();
  pen.moveTo(left - 6, top - 6.5);
  pen.lineTo(left, top + 1);
  pen.lineTo(left + 6, top - 6.5);
  pen.fill();
  pen.fillStyle = palette.text;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  lines.forEach((line, i) => pen.fillText(line, left, top - height - 1 + (i + 0.5) * lineHeight));
  pen.globalAlpha = 1;
}

/** cut cuts a text into lines: between words where there are any, else between characters. */
function cut(pen: CanvasRenderingContext2D, text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]{1,24}\s*/gu) ?? [text]) {
    if (line !== "" && pen.measureText(line + piece).width > maxWidth) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  lines.push(line.trimEnd());
  if (lines.length > maxLines) lines.splice(maxLines - 1, Infinity, `${lines[maxLines - 1]} …`);
  return lines;
}
