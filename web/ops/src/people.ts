import { element, make } from "../../common/src/dom.js";
import type { Api } from "./api.js";
import type { Player } from "./contract.js";
import { Latest } from "./latest.js";
import { button, row } from "./parts.js";
import { Typing } from "./typing.js";
import { called, count, since } from "./words.js";

/** How many players are on a page, and at most among the hits. */
const [perPage, mostHits] = [50, 8];

/** People lists who plays, page by page. */
export class People {
  private readonly search = element<HTMLInputElement>("search");
  private readonly rows = element("people");
  private readonly found = element("found");
  private readonly back = element<HTMLButtonElement>("back");
  private readonly forth = element<HTMLButtonElement>("forth");
  private pages = [0]; // the ids to go on after, of the pages up to this one
  private next: number | null = null; // the id to go on after, once the page is here
  private readonly latest = new Latest();

  constructor(
    private readonly api: () => Api | undefined, private readonly choose: (player: Player) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    new Typing(this.search, () => {
      this.pages = [0];
      void this.refresh();
    });
    this.back.addEventListener("click", () => {
      if (this.pages.length > 1) this.pages.pop();
      void this.refresh();
    });
    this.forth.addEventListener("click", () => {
      if (this.next !== null) this.pages.push(this.next);
      void this.refresh();
    });
  }

  /** refresh asks for the page again. */
  async refresh(): Promise<void> {
    const current = this.latest.next();
    this.next = null;
    try {
      const answer = await this.api()?.players(this.search.value.trim(), this.pages.at(-1) as number, perPage);
      if (answer === undefined || !current()) return;
      if (answer.players.length === 0 && this.pages.length > 1) { // whoever was there has left
        this.pages.pop();
        return await this.refresh();
      }
      this.next = answer.next;
      this.rows.replaceChildren(...answer.players.map((player) => this.row(player)));
      const first = (this.pages.length - 1) * perPage;
      const range = `${count(first + 1)} to ${count(first + answer.players.length)} of ${count(answer.total)}`;
      this.found.textContent = answer.total === 0 ? "nobody" : range;
      this.back.disabled = this.pages.length === 1;
      this.forth.disabled = answer.next === null;
    } catch (error) {
      if (current()) this.failed(error);
    }
  }

  private row(player: Player): HTMLTableRowElement {
    const state = player.detached ? "connection lost" : player.state;
    const place = player.place === null ? "–" : `${player.place.world}, cell ${player.place.cell}`;
    return row([
      button(called(player.name, player.id), () => this.choose(player), "link"), player.account || "a guest", player.address,
      `${player.dialect}, ${player.transport}`, player.muted ? `${state}, muted` : state, since(player.since), place,
    ]);
  }
}

/** Finder finds a player by what is typed, and chooses who is picked. */
export class Finder {
  private readonly input = element<HTMLInputElement>("find");
  private readonly list = element("hits");
  private readonly typing = new Typing(this.input, () => void this.search());
  private readonly latest = new Latest();

  constructor(
    private readonly api: () => Api | undefined, private readonly choose: (player: Player) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.input.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.search().then((hits) => hits[0] && this.pick(hits[0]));
    });
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.clear());
  }

  private async search(): Promise<Player[]> {
    this.typing.forget();
    const text = this.input.value.trim();
    const current = this.latest.next();
    this.list.replaceChildren();
    if (text === "") return [];
    try {
      const { players = [], total = 0 } = (await this.api()?.players(text, 0, mostHits)) ?? {};
      if (!current()) return [];
      this.list.replaceChildren(...players.map((player) => {
        const item = make("li");
        item.append(button(called(player.name, player.id), () => this.pick(player)));
        return item;
      }));
      if (total > players.length) this.list.append(make("li", "more", `and ${count(total - players.length)} more`));
      if (total === 0) this.list.append(make("li", "more", "nobody"));
      return players;
    } catch (error) {
      if (current()) this.failed(error);
      return [];
    }
  }

  private pick(player: Player): void {
    this.clear();
    this.choose(player);
  }

  private clear(): void {
    this.typing.forget();
    this.latest.next();
    this.input.value = "";
    this.list.replaceChildren();
  }
}
