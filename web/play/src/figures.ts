import type { Client } from "aoiworld-client";
import { element, make } from "../../common/src/dom.js";
import type { Words } from "./words.js";

/** How often the figures are shown (ms). */
const every = 500;

/** Figures shows how the connection and the page do: round trip, bytes a second, frames a second, how many are in view. */
export class Figures {
  /** Frames a second in the last half second, for whoever asks. */
  framesPerSecond = 0;

  private readonly values: HTMLElement[] = [];
  private readonly names: HTMLElement[] = [];
  private since = performance.now();
  private frames = 0;
  private received = 0;

  constructor() {
    const list = element("figures");
    for (let i = 0; i < 4; i++) {
      const pair = make("div");
      const name = make("dt"), value = make("dd", "", "–");
      pair.append(value, name);
      list.append(pair);
      this.names.push(name);
      this.values.push(value);
    }
  }

  /** speak changes the language. */
  speak(words: Words): void {
    [words.ping, words.traffic, words.frames, words.players].forEach((text, i) => ((this.names[i] as HTMLElement).textContent = text));
  }

  /** frame counts a frame that was drawn, and shows the figures now and then. */
  frame(client: Client | undefined, now: number): void {
    this.frames++;
    const took = now - this.since;
    if (took < every) return;
    this.framesPerSecond = (this.frames * 1000) / took;
    const received = client?.traffic.received ?? 0;
    const trip = client?.clock.roundTrip;
    [
      trip === undefined ? "–" : `${Math.max(1, Math.round(trip))} ms`,
      bytes((Math.max(0, received - this.received) * 1000) / took),
      String(Math.round(this.framesPerSecond)),
      String(client?.view.size ?? 0),
    ].forEach((text, i) => ((this.values[i] as HTMLElement).textContent = text));
    this.since = now;
    this.frames = 0;
    this.received = received;
  }
}

/** bytes is a rate of bytes in few digits. */
function bytes(perSecond: number): string {
  return perSecond < 1000 ? `${Math.round(perSecond)} B/s` : `${(perSecond / 1000).toFixed(perSecond < 10_000 ? 1 : 0)} kB/s`;
}
