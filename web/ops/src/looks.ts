import { isDark } from "../../common/src/dark.js";
import { paletteOf, type Palette } from "../../common/src/palette.js";
import type { Why } from "./contract.js";
import { rampOf, type Ramp } from "./raster.js";

/** A Group is of reasons that mean much the same to who looks: why somebody was sent, or was not. */
export type Group = "sent" | "still" | "rationed" | "beyond" | "held" | "missing";

/** groupOf returns the group of a reason. */
export const groupOf: Record<Why, Group> = {
  moved: "sent", entered: "sent", crossed: "sent", left: "sent", key: "sent", caught_up: "sent", traits: "sent", far: "sent", near: "sent",
  unchanged: "still", rounded: "still", tracked: "still", waiting: "rationed", outside: "beyond", hidden: "beyond",
  lagging: "held", catching_up: "held", absent: "held", missing: "missing",
};

/** Looks are the colours of the map and of the charts. */
export interface Looks extends Palette {
  player: string;
  wanderer: string;
  thing: string;
  hidden: string;
  edge: string;
  heat: Ramp;
  density: Ramp;
  groups: Record<Group, string>;
  /** Of the lines of a chart, in their order. */
  lines: readonly string[];
  axis: string;
  rule: string;
}

const light: Looks = {
  ...paletteOf(false), player: "#0f6bb3", wanderer: "#8b7f66", thing: "#7a4fb5", hidden: "#c2410c", edge: "#ffffffc0",
  heat: rampOf(224, 96, 30, 14, 125), density: rampOf(15, 107, 179, 40, 255), axis: "#6c685e", rule: "#d8d1c066",
  groups: { sent: "#15803d", still: "#8b8573", rationed: "#b45309", beyond: "#7a4fb5", held: "#0f6bb3", missing: "#dc2626" },
  lines: ["#0f6bb3", "#c2410c", "#15803d", "#7a4fb5", "#b45309", "#0e7490", "#be185d", "#4d7c0f"],
};

const dark: Looks = {
  ...paletteOf(true), player: "#6cb8ff", wanderer: "#8e9aa5", thing: "#c4a3ff", hidden: "#ff9d5c", edge: "#0b0f14c0",
  heat: rampOf(255, 122, 48, 16, 110), density: rampOf(108, 184, 255, 40, 255), axis: "#9fabb5", rule: "#34424e88",
  groups: { sent: "#4ade80", still: "#93a1ad", rationed: "#fbbf24", beyond: "#c4a3ff", held: "#6cb8ff", missing: "#f87171" },
  lines: ["#6cb8ff", "#ff9d5c", "#4ade80", "#c4a3ff", "#fbbf24", "#22d3ee", "#f472b6", "#a3e635"],
};

/** looks returns the colours for the screen as it is. */
export function looks(): Looks {
  return isDark() ? dark : light;
}
