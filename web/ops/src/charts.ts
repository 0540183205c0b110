import uPlot from "uplot";
import { whenDarkChanges } from "../../common/src/dark.js";
import { element, make } from "../../common/src/dom.js";
import type { History } from "./history.js";
import { looks, type Looks } from "./looks.js";
import { closeName, count, millis, short } from "./words.js";

/** A Line is what a chart shows. */
interface Line {
  name: string;
  values: number[];
  dashed?: boolean;
}

/** A Plan is a chart: what it shows, and how a number of it is written. */
interface Plan {
  title: string;
  write: (n: number) => string;
  lines: (history: History) => Line[];
  bars?: boolean;
  /** Whether equal distances are equal ratios, and what is least then. */
  least?: number;
}

const perSecond = (n: number) => `${short(n)}/s`;

const plans: readonly Plan[] = [
  {
    title: "Players", write: count,
    lines: (h) => [{ name: "playing", values: h.column("players") }, { name: "to be resumed", values: h.column("detached") }],
  },
  { title: "Updates", write: perSecond, lines: (h) => [{ name: "updates", values: h.column("updates") }] },
  {
    title: "Tick time, log scale", write: millis, least: 0.01,
    lines: (h) => [
      { name: "mean", values: h.column("tick_mean") }, { name: "99 of 100", values: h.column("tick_p99") },
      { name: "longest", values: h.column("tick_max") }, { name: "budget", values: h.column("tick_budget"), dashed: true },
    ],
  },
  {
    title: "Bytes", write: (n) => `${short(n, "B")}/s`,
    lines: (h) => [{ name: "out", values: h.column("bytes_out") }, { name: "in", values: h.column("bytes_in") }],
  },
  { title: "Lagging clients", write: count, lines: (h) => [{ name: "lagging", values: h.column("lagging") }] },
  {
    title: "Closes", write: count, bars: true,
    lines: (h) => Object.keys(h.closes).sort().map((code) => ({ name: closeName(code), values: h.closes[code] as number[] })),
  },
  {
    title: "Processors", write: (n) => n.toFixed(2),
    lines: (h) => [{ name: "busy", values: h.column("cpu") }, { name: "in ticks", values: h.column("tick_share") }],
  },
  { title: "Memory", write: (n) => short(n, "B"), lines: (h) => [{ name: "of the system", values: h.column("memory") }] },
];

/** The height of a chart (pixels). */
const height = 160;

/** By which steps the axis of a number of things is marked. */
const wholeSteps = [1, 10, 100, 1e3, 1e4, 1e5].flatMap((ten) => [ten, 2 * ten, 5 * ten]);

/** Charts draws what was measured in the last ten minutes. */
export class Charts {
  private readonly charts: Chart[];

  constructor() {
    this.charts = plans.map((plan) => new Chart(plan));
    element("plots").replaceChildren(...this.charts.map(({ box }) => box));
    whenDarkChanges(() => this.charts.forEach((chart) => chart.forget()));
  }

  /** draw draws a history, of the last so many seconds. */
  draw(history: History, seconds: number): void {
    const times = history.times();
    const end = times.at(-1) ?? Date.now() / 1000;
    for (const chart of this.charts) chart.draw(times, history, [end - seconds, end]);
  }
}

/** A Chart is one of them, with what it says as of now in words. */
class Chart {
  readonly box = make("figure");

  private readonly now = make("output");
  private readonly screen = make("div", "plot");
  private plot: uPlot | undefined;
  private names: string | undefined; // of the lines for which the plot was made

  constructor(private readonly plan: Plan) {
    const caption = make("figcaption");
    caption.append(make("h3", "", plan.title), this.now);
    this.screen.setAttribute("role", "img");
    this.box.append(caption, this.screen);
    new ResizeObserver(() => this.plot?.setSize({ width: this.screen.clientWidth, height })).observe(this.screen);
  }

  /** forget has the chart made anew when it is drawn next, as where colours have changed. */
  forget(): void {
    this.names = undefined;
  }

  draw(times: number[], history: History, [from, to]: [number, number]): void {
    const lines = this.plan.lines(history);
    const latest = lines.map(({ name, values }) => `${name} ${this.plan.write(values.at(-1) ?? 0)}`);
    this.now.textContent = this.plan.bars ? closedIn(lines, times, from) : latest.join(" · ");
    this.screen.setAttribute("aria-label", `${this.plan.title}: ${this.now.textContent}`);
    const width = this.screen.clientWidth;
    if (width === 0) return; // another tab is shown
    const { least } = this.plan;
    const data = [times, ...lines.map(({ values }) => (least === undefined ? values : values.map((n) => Math.max(least, n))))] as uPlot.AlignedData;
    const names = lines.map(({ name }) => name).join();
    if (this.names !== names) {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(lines, width), data, this.screen);
      this.names = names;
    }
    this.plot?.batch(() => {
      this.plot?.setData(data, false);
      this.plot?.setScale("x", { min: from, max: to });
    });
  }

  private options(lines: Line[], width: number): uPlot.Options {
    const colours = looks();
    return {
      width, height, padding: [8, 26, 0, 0], cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      legend: { show: true, live: true },
      scales: {
        x: { time: true },
        y: this.plan.least === undefined ? { range: (_, __, most) => [0, Math.max(1e-9, most || 1) * 1.12] } :
          { distr: 3, range: (_, least, most) => [10 ** Math.floor(Math.log10(least || 1)), (most || 1) * 1.6] },
      },
      axes: [
        axis(colours, { space: 64, size: 26, values: (_, ticks) => ticks.map(clock) }),
        axis(colours, {
          size: 66, values: (_, ticks) => ticks.map((n) => (n === null ? null : this.plan.write(n))),
          ...(this.plan.write === count && { incrs: wholeSteps }),
        }),
      ],
      series: [
        { value: (_, time) => (time === null ? "–" : clock(time)) },
        ...lines.map((line, i) => this.series(line, colours.lines[i % colours.lines.length] as string)),
      ],
    };
  }

  private series({ name, dashed }: Line, colour: string): uPlot.Series {
    return {
      label: name, stroke: colour, width: 1.75, points: { show: false }, value: (_, n) => (n === null ? "–" : this.plan.write(n)),
      ...(dashed && { dash: [6, 5] }), ...(this.plan.bars && { paths: bars(), fill: colour }),
    };
  }
}

/** clock writes a time (seconds since 1970). */
function clock(time: number): string {
  return new Date(time * 1000).toLocaleTimeString([], { hour12: false });
}

function bars(): uPlot.Series.PathBuilder {
  return (uPlot.paths.bars as uPlot.Series.BarsPathBuilderFactory)({ size: [1, 12, 2] });
}

function axis(colours: Looks, more: uPlot.Axis): uPlot.Axis {
  return { stroke: colours.axis, grid: { stroke: colours.rule, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif", ...more };
}

/** closedIn says how many were closed since a time, by code. */
function closedIn(lines: Line[], times: number[], from: number): string {
  const first = times.findIndex((time) => time >= from);
  const said = lines.map(({ name, values }) => [name, values.slice(Math.max(0, first)).reduce((sum, n) => sum + n, 0)] as const);
  return said.filter(([, n]) => n > 0).map(([name, n]) => `${name}: ${count(n)}`).join(" · ") || "none";
}
