import { element } from "../../common/src/dom.js";
import type { Api } from "./api.js";
import type { Ask } from "./ask.js";
import type { Sanction } from "./contract.js";
import { Latest } from "./latest.js";
import { lifting, sanctioningAnybody } from "./measures.js";
import { button, row } from "./parts.js";
import { about, until } from "./words.js";

/** What is listed, and in which words. */
const texts = {
  bans: { title: "Banned", label: "Bans", add: "Ban somebody …", none: "Nobody is banned." },
  mutes: { title: "Muted", label: "Mutes", add: "Mute somebody …", none: "Nobody is muted." },
} as const;

type What = keyof typeof texts;

const all: readonly What[] = ["bans", "mutes"];

/** Sanctions lists bans and mutes. */
export class Sanctions {
  private readonly latest = new Latest();

  constructor(private readonly api: () => Api | undefined, private readonly ask: Ask, private readonly failed: (error: unknown) => void) {
    element("sanctions").replaceChildren(...all.map((what) => this.listing(what)));
  }

  /** refresh asks for the lists again. */
  async refresh(): Promise<void> {
    const current = this.latest.next();
    const api = this.api();
    if (api === undefined) return;
    try {
      const answers = await Promise.all(all.map((what) => api.sanctions(what)));
      if (current()) all.forEach((what, i) => this.show(api, what, answers[i]?.sanctions ?? []));
    } catch (error) {
      if (current()) this.failed(error);
    }
  }

  /** listing returns a list of which nothing is known yet. */
  private listing(what: What): HTMLElement {
    const made = element<HTMLTemplateElement>("listing").content.firstElementChild?.cloneNode(true) as HTMLElement;
    const { title, label, add, none } = texts[what];
    made.id = what;
    for (const [part, text] of [["h2", title], ["button", add], ["p", none]] as const) partOf(made, part).textContent = text;
    partOf(made, "table").setAttribute("aria-label", label);
    partOf(made, "p").hidden = true;
    partOf(made, "button").addEventListener("click", () => this.add(what));
    return made;
  }

  private add(what: What): void {
    const api = this.api();
    if (api === undefined) return;
    const question = sanctioningAnybody(api, what);
    this.ask.open({ ...question, act: (values) => question.act(values).finally(() => void this.refresh()) });
  }

  private show(api: Api, what: What, sanctions: readonly Sanction[]): void {
    const list = element(what);
    partOf(list, "p").hidden = sanctions.length > 0;
    partOf(list, "tbody").replaceChildren(...sanctions.map((one) => row([
      about(one), until(one.until), one.reason || "–", one.by, new Date(one.created).toLocaleString(),
      button("Lift …", () => this.ask.open(lifting(api, what, one, () => void this.refresh()))),
    ])));
  }
}

/** partOf returns the first part of a kind of a list. */
function partOf(list: HTMLElement, kind: string): HTMLElement {
  return list.querySelector(kind) as HTMLElement;
}
