import { element, make } from "../../common/src/dom.js";
import type { Inspected, View, Why } from "./contract.js";
import { groupOf, looks } from "./looks.js";
import { button } from "./parts.js";
import { listed, sums } from "./tally.js";
import { called, count, kindName, millis, reasons, short } from "./words.js";

/** How many entities are listed. */
const most = 150;

const states: Record<View["state"], string> = {
  current: "It has been told all.", catching_up: "It catches up, in parts.", lagging: "It could not take a frame.",
  absent: "It has no connection that is shown the world.",
};

/** An Inspector lists for each entity round a player whether it was sent in the last tick, why, and what it took. */
export class Inspector {
  private readonly box = element("inspector");
  private readonly summary = element("told");
  private readonly legend = element("reasons");
  private readonly list = element("entities");
  private only: Why | undefined;
  private view: View | undefined;

  constructor(private readonly choose: (id: number) => void) {}

  /** open shows the inspector, which has nothing to tell yet. */
  open(): void {
    this.only = this.view = undefined;
    this.summary.textContent = "Asking …";
    this.legend.replaceChildren();
    this.list.replaceChildren();
    this.box.hidden = false;
  }

  close(): void {
    this.box.hidden = true;
  }

  /** tell says why there is nothing to see. */
  tell(why: string): void {
    this.summary.textContent = why;
  }

  /** show tells of a view. */
  show(view: View): void {
    this.view = view;
    this.summary.textContent = told(view);
    if (!this.legend.matches(":active")) this.showReasons(view);
    if (!held(this.list)) this.showEntities(view);
  }

  private showEntities(view: View): void {
    const rows = listed(view.entities, this.only);
    this.list.replaceChildren(...rows.slice(0, most).map((one) => this.row(one, view.player)));
    if (rows.length > most) this.list.append(make("li", "more", `and ${count(rows.length - most)} more`));
  }

  /** showReasons shows what each reason came to; one can choose to see only one. The focus stays where it is. */
  private showReasons(view: View): void {
    const focused = this.legend.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.why : undefined;
    this.legend.replaceChildren(...sums(view.entities, this.only).map(({ why, entities, bytes }) => {
      const made = button("", () => this.filter(this.only === why ? undefined : why));
      made.append(swatch(why), `${reasons[why][0]} · ${count(entities)}${bytes > 0 ? ` · ${short(bytes, "B")}` : ""}`);
      made.title = reasons[why][1];
      made.dataset.why = why;
      made.setAttribute("aria-pressed", String(this.only === why));
      return made;
    }));
    if (focused !== undefined) this.legend.querySelector<HTMLElement>(`[data-why="${focused}"]`)?.focus();
  }

  private filter(why: Why | undefined): void {
    this.only = why;
    if (this.view === undefined) return;
    this.showReasons(this.view);
    this.showEntities(this.view);
  }

  private row(one: Inspected, self: number): HTMLElement {
    const made = make("li");
    const who = one.kind === 0 ? button(one.id === self ? "itself" : called(one.name, one.id), () => this.choose(one.id), "link") :
      make("span", "", `${kindName(one.kind)} ${one.id}`);
    const why = make("span", "why", reasons[one.why][0] + (one.within === null ? "" : `, at the latest in ${millis(one.within)}`));
    why.title = reasons[one.why][1];
    made.append(swatch(one.why), who, why, make("span", "bytes", one.bytes > 0 ? short(one.bytes, "B") : "–"));
    return made;
  }
}

/** told says in a sentence or two what a player was handed. */
function told({ tick, frame, state, total, entities }: View): string {
  const handed = frame.bytes === 0 ? "no frame" :
    `a frame of ${short(frame.bytes, "B")} with ${count(frame.records)} records` +
    (frame.shared_by > 1 ? `, which ${count(frame.shared_by)} viewers were handed` : "");
  const parts = total > entities.length ? ` The ${count(entities.length)} nearest of ${count(total)}:` : "";
  return `Tick ${count(tick)}: ${handed}. ${states[state]}${parts}`;
}

/** held reports whether somebody reads a list or has a hand on it: then it stands still. */
function held(list: HTMLElement): boolean {
  return list.matches(":active, :has(:focus-visible)") || (matchMedia("(hover: hover)").matches && list.matches(":hover"));
}

/** swatch returns the colour by which a reason is known on the map. */
function swatch(why: Why): HTMLElement {
  const made = make("i", "swatch");
  made.style.backgroundColor = looks().groups[groupOf[why]];
  return made;
}
