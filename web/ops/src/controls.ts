import { limitBytes } from "../../common/src/bytes.js";
import { element, make } from "../../common/src/dom.js";
import type { Api } from "./api.js";
import type { Ask } from "./ask.js";
import type { Settings, Status } from "./contract.js";
import { Latest } from "./latest.js";
import { amending, announcing, draining } from "./measures.js";
import { facts } from "./parts.js";
import { count, tooLong } from "./words.js";

/** The settings that are shown first, and how they are called. */
const first: Readonly<Record<string, string>> = {
  "world.columns": "Columns of cells", "world.rows": "Rows of cells", "world.view_radius": "Cells that one sees away",
  "world.tick_rate": "Ticks a second", "world.npcs": "Wanderers", "world.frame_budget": "Bytes of a frame at most",
};

/** The longest announcement (bytes). */
const longest = 512;

/** changes returns which settings were filled in otherwise than they are; numbers and truths as such. */
export function changes(now: Settings, filled: Readonly<Record<string, string>>): Settings {
  const wanted: Settings = {};
  for (const [key, text] of Object.entries(filled)) {
    const is = now[key];
    if (is === undefined || String(is) === text.trim()) continue;
    const number = Number(text);
    if (typeof is === "boolean") wanted[key] = text === "true";
    else wanted[key] = typeof is === "number" && text.trim() !== "" && !Number.isNaN(number) ? number : text.trim();
  }
  return wanted;
}

/** Controls is what is done to the server as a whole. */
export class Controls {
  private settings: Settings = {};
  private readonly fields = new Map<string, HTMLInputElement | HTMLSelectElement>(); // by the keys of the settings
  private players = 0;
  private readonly latest = new Latest();

  constructor(private readonly api: () => Api | undefined, private readonly ask: Ask, private readonly failed: (error: unknown) => void) {
    const text = element<HTMLInputElement>("announcement");
    limitBytes(text, () => longest, tooLong);
    element("announce").addEventListener("submit", (event) => {
      event.preventDefault();
      const api = this.api();
      const said = text.value.trim();
      if (api === undefined || said === "") return;
      const question = announcing(api, said, this.players);
      this.ask.open({ ...question, act: (values) => question.act(values).then((done) => (this.said(text, said), done)) });
    });
    element("drain").addEventListener("click", () => {
      const api = this.api();
      if (api !== undefined) this.ask.open(draining(api, this.players));
    });
    for (const id of ["shape", "others"]) {
      element(id).addEventListener("submit", (event) => {
        event.preventDefault();
        this.amend(event.currentTarget as HTMLFormElement);
      });
    }
  }

  /** said empties the field, unless something else is in it by now. */
  private said(field: HTMLInputElement, text: string): void {
    if (field.value.trim() === text) field.value = "";
  }

  /** show tells how the server stands. */
  show(status: Status): void {
    this.players = status.worlds.reduce((sum, { players }) => sum + players, 0);
    const state = status.draining ? "drains" : status.ready ? "lets players in" : "is not ready";
    facts(element("stands"), [
      ["Server", status.overloaded.length > 0 ? `${state}, but is short of ${status.overloaded.join(" and ")}` : state],
      ["Connections", count(status.sessions)], ["To be resumed", count(status.detached)],
      ...status.worlds.map(({ name, tick, tick_rate, players, entities }) => [
        `World ${name}`, `tick ${count(tick)} at ${Number(tick_rate.toFixed(1))} Hz, ${count(players)} players, ${count(entities)} entities`,
      ] as const),
    ]);
  }

  /** refresh asks for the settings again. */
  async refresh(): Promise<void> {
    const current = this.latest.next();
    try {
      const answer = await this.api()?.settings();
      if (answer !== undefined && current()) this.fill(answer.settings);
    } catch (error) {
      if (current()) this.failed(error);
    }
  }

  /** fill shows the settings as they are now; what was typed and is not amended stays. */
  private fill(settings: Settings, amended: Settings = {}): void {
    this.latest.next(); // what was asked before is older
    const typed = changes(this.settings, Object.fromEntries([...this.fields].map(([key, { value }]) => [key, value])));
    this.settings = settings;
    const keys = Object.keys(settings).sort();
    if (keys.join() !== [...this.fields.keys()].sort().join()) {
      this.fields.clear();
      element("shape-fields").replaceChildren(...Object.keys(first).filter((key) => key in settings).map((key) => this.field(key)));
      element("other-fields").replaceChildren(...keys.filter((key) => !(key in first)).map((key) => this.field(key)));
    }
    for (const [key, field] of this.fields) if (!(key in typed) || key in amended) field.value = String(settings[key]);
  }

  /** field returns a setting's label with the field in it, which is still empty. */
  private field(key: string): HTMLElement {
    const value = this.settings[key];
    const label = make("label", "", first[key] ?? key);
    const input = typeof value === "boolean" ? document.createElement("select") : document.createElement("input");
    if (input instanceof HTMLSelectElement) input.append(new Option("true", "true"), new Option("false", "false"));
    else if (typeof value === "number") [input.type, input.step] = ["number", "any"];
    input.name = key;
    label.title = key;
    label.append(input);
    this.fields.set(key, input);
    return label;
  }

  private amend(form: HTMLFormElement): void {
    const api = this.api();
    const filled = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value)]));
    const wanted = changes(this.settings, filled);
    if (api === undefined || Object.keys(wanted).length === 0) return;
    this.ask.open(amending(api, this.settings, wanted, (settings) => this.fill(settings, wanted)));
  }
}
