import { element } from "../../common/src/dom.js";

/** A Tab is one of the things that the page shows. */
export type Tab = "map" | "charts" | "players" | "sanctions" | "server";

const all: readonly Tab[] = ["map", "charts", "players", "sanctions", "server"];

/** Tabs shows one thing at a time. The arrow keys lead from one to the next, as everywhere. */
export class Tabs {
  now: Tab = "map";

  constructor(private readonly shown: (tab: Tab) => void) {
    for (const tab of all) this.button(tab).addEventListener("click", () => this.show(tab));
    element("tabs").addEventListener("keydown", ({ key, altKey, ctrlKey, metaKey }) => {
      if (altKey || ctrlKey || metaKey) return; // that is the browser's
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      this.show(all[(all.indexOf(this.now) + step + all.length) % all.length] as Tab);
      this.button(this.now).focus();
    });
  }

  /** show shows a tab. */
  show(tab: Tab): void {
    this.now = tab;
    for (const one of all) {
      element(one).hidden = one !== tab;
      this.button(one).setAttribute("aria-selected", String(one === tab));
      this.button(one).tabIndex = one === tab ? 0 : -1;
    }
    this.shown(tab);
  }

  private button(tab: Tab): HTMLElement {
    return element(`tab-${tab}`);
  }
}
