import { compare } from "./oracle.js";
import { Walker } from "./walker.js";

/** What a run is like. */
export interface Run {
  url: string;
  clients: number;
  seconds: number;
  /** How long everybody walks between two quiet points (s). */
  round: number;
  /** How many are cut, stop reading, and leave in each round. */
  cuts: number;
  stalls: number;
  churn: number;
  seed: number;
}

/** What a run found. */
export interface Found {
  moves: number;
  checks: number;
  shifts: number;
  resumed: number;
  stalled: number;
  left: number;
  crowdedTicks: number;
  violations: string[];
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** How often walkers move, and how long views may take to be right at a quiet point (ms). */
const stepMillis = 100;
const settleMillis = 8000;

/** verify lets clients walk about, and holds them against the truth at quiet points. */
export async function verify(run: Run): Promise<Found> {
  const fleet = new Fleet(run);
  try {
    await fleet.join(run.clients);
    await fleet.check();
    for (let walked = 0; walked < run.seconds; walked += run.round) {
      await fleet.walk(Math.min(run.round, run.seconds - walked));
      await fleet.check();
    }
    return fleet.found();
  } finally {
    fleet.close();
  }
}

/** A Fleet is all walkers of a run. */
class Fleet {
  private walkers: Walker[] = [];
  private readonly gone: Walker[] = [];
  private readonly known = new Map<number, Walker>();
  private readonly violations: string[] = [];
  private said: string[] = [];
  private made = 0;
  private checks = 0;
  private stalled = 0;
  private readonly random: () => number;

  constructor(private readonly run: Run) {
    this.random = generator(run.seed);
  }

  /** join lets newcomers in. */
  async join(n: number): Promise<void> {
    const newcomers = Array.from({ length: n }, () => {
      const number = this.made++;
      return new Walker(this.run.url, `walker ${number}`, number % 2 ? "bits" : "columns", this.known, (what) => this.violations.push(what));
    });
    await Promise.all(newcomers.map((walker) => walker.join().catch((error: unknown) => this.violations.push(`cannot join: ${error}`))));
    for (const walker of newcomers) walker.disturbed = true; // it may have come after a chat
    this.walkers.push(...newcomers.filter((walker) => walker.client.state === "playing"));
  }

  /** walk is a round: everybody walks, some are cut, stall, leave and come, and one talks. */
  async walk(seconds: number): Promise<void> {
    const ends = performance.now() + seconds * 1000;
    const { cuts, stalls, churn } = this.run;
    const disturbances = [
      () => this.choose(stalls).forEach((walker) => this.stall(walker, seconds)),
      () => this.choose(cuts).forEach((walker) => walker.cut()),
      () => this.replace(this.choose(churn)),
      () => this.talk(),
    ];
    const interval = (seconds * 1000) / (disturbances.length + 1);
    const timers = disturbances.map((disturb, i) => setTimeout(() => void disturb(), interval * (i + 1)));
    while (performance.now() < ends) {
      for (const walker of this.walkers) walker.step(this.random);
      await pause(stepMillis);
    }
    timers.forEach(clearTimeout);
  }

  private stall(walker: Walker, seconds: number): void {
    this.stalled++;
    walker.stall(seconds * 1000 * (0.2 + 0.6 * this.random()));
  }

  private replace(leavers: Walker[]): Promise<void> {
    this.walkers = this.walkers.filter((walker) => !leavers.includes(walker));
    leavers.forEach((walker) => walker.client.close());
    this.gone.push(...leavers);
    return this.join(leavers.length);
  }

  private talk(): void {
    const speaker = this.walkers.find((walker) => !walker.disturbed);
    const text = `at ${this.checks}`;
    if (speaker?.client.say(text)) this.said.push(text);
  }

  /** choose returns some that were not disturbed in this round. */
  private choose(n: number): Walker[] {
    const left = this.walkers.filter((walker) => !walker.disturbed && walker.client.state === "playing");
    return Array.from({ length: Math.min(n, left.length) }, () => left.splice(Math.floor(this.random() * left.length), 1)[0]!);
  }

  /** check waits until nothing is wrong, twice in a row, and keeps what still is when the time is over. */
  async check(): Promise<void> {
    const deadline = performance.now() + settleMillis;
    while (this.walkers.some(({ client }) => client.state === "waiting") && performance.now() < deadline) await pause(20);
    for (const walker of this.walkers) walker.repeat();
    for (let good = 0; good < 2; ) {
      await pause(60);
      const wrong = [...compare(this.walkers), ...this.unheard()];
      good = wrong.length === 0 ? good + 1 : 0;
      if (wrong.length > 0 && performance.now() > deadline) {
        this.violations.push(...wrong);
        break;
      }
    }
    this.checks++;
    this.said = [];
    for (const walker of this.walkers) {
      walker.disturbed = false;
      walker.heard.clear();
    }
  }

  /** unheard finds the chats that somebody has not heard, or more than once. */
  private unheard(): string[] {
    return this.walkers.flatMap((walker) =>
      this.said.flatMap((text) => {
        const times = walker.heard.get(text) ?? 0;
        return times === 1 || (times === 0 && walker.disturbed) ? [] : [`${walker.client.player} has heard "${text}" ${times} times`];
      }),
    );
  }

  /** found returns what was found. */
  found(): Found {
    const all = [...this.walkers, ...this.gone];
    const sum = (of: (walker: Walker) => number) => all.reduce((total, walker) => total + of(walker), 0);
    const { checks, stalled, violations } = this;
    return {
      moves: sum((w) => w.moves.length - 1), checks, shifts: sum((w) => w.shifts), resumed: sum((w) => w.resumed), stalled,
      left: this.gone.length, crowdedTicks: sum((w) => w.crowdedTicks), violations,
    };
  }

  close(): void {
    for (const { client } of this.walkers) client.close();
  }
}

/** generator returns a source of numbers from 0 to 1, 1 excluded: the same for the same seed. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
