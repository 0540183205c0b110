/** A Palette is the colours of the stage. */
export interface Palette {
  outside: string;
  ground: string;
  grass: string;
  line: string;
  border: string;
  view: string;
  eye: string;
  text: string;
  halo: string;
  bubble: string;
  mark: string;
  shadow: string;
  body: (hue: number) => string;
  rim: (hue: number) => string;
}

const light: Palette = {
  outside: "#d9d4c7", ground: "#f4efe4", grass: "#dfe5cd", line: "#8d8672", border: "#b9b19c", view: "#2f8f7522", eye: "#2f8f75",
  text: "#2b2a27", halo: "#f4efe4d8", bubble: "#ffffff", mark: "#e07a3f", shadow: "#00000026",
  body: (hue) => `hsl(${hue} 62% 58%)`, rim: (hue) => `hsl(${hue} 55% 38%)`,
};

const dark: Palette = {
  outside: "#0b0f14", ground: "#161d25", grass: "#1e2a2b", line: "#6d7c88", border: "#3a4854", view: "#5fd3b01c", eye: "#5fd3b0",
  text: "#e8e6df", halo: "#161d25d0", bubble: "#26323d", mark: "#f2a65a", shadow: "#00000066",
  body: (hue) => `hsl(${hue} 58% 62%)`, rim: (hue) => `hsl(${hue} 60% 82%)`,
};

/** paletteOf returns the colours for a dark screen or a light one. */
export function paletteOf(isDark: boolean): Palette {
  return isDark ? dark : light;
}

/** hueOf returns the hue by which somebody is known, whatever the id is. */
export function hueOf(id: number): number {
  return Math.round((id * 137.508) % 24) * 15;
}
