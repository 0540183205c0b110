import { element } from "../../common/src/dom.js";
import type { Player } from "./contract.js";
import { button, facts } from "./parts.js";
import { called, count, millis, short, since } from "./words.js";

/** What can be done from the panel. */
export type Deed = "kick" | "ban" | "mute" | "teleport";

/** What the panel asks for. */
export interface Asked {
  deed: (deed: Deed) => void;
  follow: (on: boolean) => void;
  inspect: (on: boolean) => void;
  close: () => void;
}

const deeds: readonly (readonly [deed: Deed, label: string])[] = [
  ["kick", "Kick …"], ["ban", "Ban …"], ["mute", "Mute …"], ["teleport", "Teleport …"],
];

/** A Panel tells of the chosen player. */
export class Panel {
  private readonly box = element("panel");
  private readonly title = element("who");
  private readonly facts = element("facts");
  private readonly note = element("gone");
  private readonly follow: HTMLButtonElement;
  private readonly inspect: HTMLButtonElement;
  private readonly deeds: HTMLButtonElement[];

  constructor(asked: Asked) {
    this.follow = toggle("Follow", (on) => asked.follow(on));
    this.inspect = toggle("Inspect view", (on) => asked.inspect(on));
    this.deeds = deeds.map(([deed, label]) => {
      const made = button(label, () => asked.deed(deed));
      if (deed === "kick" || deed === "ban") made.classList.add("grave");
      return made;
    });
    element("deeds").replaceChildren(this.follow, this.inspect, ...this.deeds);
    element("unchoose").addEventListener("click", asked.close);
  }

  /** open shows the panel for an id of which nothing is known yet. */
  open(id: number): void {
    this.title.textContent = `Player ${id}`;
    this.facts.replaceChildren();
    this.note.hidden = true;
    this.enable(false);
    this.box.hidden = false;
  }

  /** close closes the panel. The keyboard, if it was there, goes back to the map. */
  close(): void {
    if (this.box.contains(document.activeElement)) element("stage").focus();
    this.box.hidden = true;
  }

  /** following shows whether the map goes with the player. */
  following(on: boolean): void {
    this.follow.setAttribute("aria-pressed", String(on));
  }

  /** inspecting shows whether the view is inspected. */
  inspecting(on: boolean): void {
    this.inspect.setAttribute("aria-pressed", String(on));
  }

  /** show tells of the player. */
  show(player: Player, columns: number): void {
    this.title.textContent = called(player.name, player.id);
    this.note.hidden = true;
    this.enable(true);
    facts(this.facts, factsOf(player, columns));
  }

  /** thing tells of what is no player. */
  thing(kind: string, id: number): void {
    this.title.textContent = `${kind[0]?.toUpperCase()}${kind.slice(1)} ${id}`;
    this.tell("It belongs to the world: it has no connection.");
  }

  /** tell says why there is nothing to tell of the player. */
  tell(why: string): void {
    this.note.textContent = why;
    this.note.hidden = false;
    this.enable(false);
  }

  private enable(can: boolean): void {
    for (const one of [...this.deeds, this.inspect]) one.disabled = !can;
  }
}

/** toggle returns a button that is on or off. */
function toggle(label: string, turn: (on: boolean) => void): HTMLButtonElement {
  const made = button(label, () => turn(made.getAttribute("aria-pressed") !== "true"));
  made.setAttribute("aria-pressed", "false");
  return made;
}

/** factsOf returns what is told of a player, in the order of the panel. */
function factsOf(player: Player, columns: number): [string, string][] {
  const { link, place } = player;
  const all: [string, string][] = [
    ["Account", player.account === "" ? "a guest" : player.account],
    ["Roles", player.roles.join(", ") || "none"],
    ["Address", player.address],
    ["Speaks", `${player.dialect}, over ${player.transport}`],
    ["State", [player.detached ? "connection lost, can be resumed" : player.state, ...(player.muted ? ["muted"] : [])].join(", ")],
    ["Connected", `for ${since(player.since)}`],
    ["Lag", link.lag_ticks === 0 ? "none" : `${count(link.lag_ticks)} ticks, ${millis(link.lag_millis)}`],
    ["Sent", `${short(link.sent, "B")}${link.queued > 0 ? `, ${short(link.queued, "B")} wait` : ""}`],
  ];
  if (place === null) return [...all, ["Place", "not known yet"]];
  const at = `x ${place.x.toFixed(1)}, z ${place.z.toFixed(1)}${place.hidden ? ", hidden" : ""}`;
  const cell = columns > 0 ? `${place.cell} (column ${place.cell % columns}, row ${Math.floor(place.cell / columns)})` : String(place.cell);
  return [...all, ["Place", at], ["Cell", cell]];
}
