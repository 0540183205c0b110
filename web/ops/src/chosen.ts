import { element } from "../../common/src/dom.js";
import { Problem, type Api } from "./api.js";
import type { Ask } from "./ask.js";
import type { Player } from "./contract.js";
import { Inspector } from "./inspector.js";
import { kicking, sanctioning, teleporting } from "./measures.js";
import { Panel, type Deed } from "./panel.js";
import { Poll } from "./poll.js";
import { find } from "./scene.js";
import type { Stage } from "./stage.js";
import { called, kindName } from "./words.js";

/** How often the player is asked for, and its view (ms). */
const [playerEvery, viewEvery] = [1000, 500];

/** What the chosen player needs of the page. */
export interface Page {
  api: () => Api | undefined;
  /** Whether somebody looks at the map. */
  watched: () => boolean;
  /** Says how a question went that is asked again and again. */
  told: (question: string, error?: unknown) => void;
}

/** A Chosen is the player that was chosen: its panel, its path, its view, and what is done to it. */
export class Chosen {
  private player: Player | undefined;
  private inspecting = false;
  private readonly panel: Panel;
  private readonly inspector: Inspector;
  private readonly polls: { readonly player: Poll; readonly view: Poll };

  constructor(private readonly stage: Stage, private readonly ask: Ask, private readonly page: Page) {
    this.panel = new Panel({
      deed: (deed) => this.deed(deed), follow: (on) => this.stage.follow(on), inspect: (on) => this.inspect(on),
      close: () => this.choose(undefined),
    });
    this.inspector = new Inspector((id) => this.choose(id, true));
    this.polls = {
      player: new Poll(playerEvery, () => this.watched(), () => this.askPlayer(), (error) => this.told("player", error)),
      view: new Poll(viewEvery, () => this.watched() && this.inspecting, () => this.askView(), (error) => this.told("view", error)),
    };
  }

  /** choose chooses somebody, whose view may be inspected at once; undefined is nobody. */
  choose(id: number | undefined, inspect = this.inspecting): void {
    if (id === this.id) return;
    this.place(false);
    this.player = undefined;
    [this.stage.chosen, this.stage.seen] = [id, undefined];
    this.stage.follow(false);
    this.inspect(id !== undefined && inspect);
    if (id === undefined) this.panel.close();
    else this.open(id);
    this.polls.player.wake();
    this.stage.refresh();
  }

  /** wake goes on asking, where somebody looks again. */
  wake(): void {
    for (const poll of Object.values(this.polls)) poll.wake();
  }

  /** placed takes a place that was pressed while one was asked for. */
  placed(at: { x: number; z: number } | undefined): void {
    this.place(false);
    const api = this.page.api();
    if (at !== undefined && api !== undefined && this.player !== undefined) this.ask.open(teleporting(api, this.player, at));
  }

  /** following shows whether the map goes with the player. */
  following(on: boolean): void {
    this.panel.following(on);
  }

  /** Who it is, by id; undefined is nobody. */
  private get id(): number | undefined {
    return this.stage.chosen;
  }

  private open(id: number): void {
    this.panel.open(id);
    const { ids, kinds } = this.stage.scene.crowd;
    const at = find(ids, id);
    const kind = at < 0 ? 0 : (kinds[at] as number);
    if (kind === 0) return;
    this.inspect(false);
    this.panel.thing(kindName(kind), id);
  }

  private watched(): boolean {
    const { id } = this;
    if (id === undefined || !this.page.watched()) return false;
    const { ids, kinds } = this.stage.scene.crowd;
    return (kinds[find(ids, id)] ?? 0) === 0;
  }

  private deed(deed: Deed): void {
    const { player } = this;
    const api = this.page.api();
    if (api === undefined || player === undefined) return;
    if (deed === "kick") this.ask.open(kicking(api, player));
    else if (deed === "ban") this.ask.open(sanctioning(api, "bans", player));
    else if (deed === "mute") this.ask.open(sanctioning(api, "mutes", player));
    else this.place(true);
  }

  /** place asks for a place to take the player to, or no longer. */
  private place(wanted: boolean): void {
    const hint = element("hint");
    this.stage.ask(wanted);
    hint.hidden = !wanted;
    if (!wanted || this.player === undefined) return;
    hint.textContent = `Press where ${called(this.player.name, this.player.id)} shall be; Enter takes the middle, Escape leaves it.`;
    element("stage").focus();
  }

  private inspect(on: boolean): void {
    this.inspecting = on;
    this.panel.inspecting(on);
    this.stage.view = undefined;
    this.stage.refresh();
    if (on) this.inspector.open();
    else this.inspector.close();
    this.polls.view.wake();
  }

  private async askPlayer(): Promise<void> {
    const { id } = this;
    await this.answered(id, async (api) => {
      const player = await api.player(id as number);
      if (id !== this.id) return;
      this.player = player;
      const { place } = player;
      const { map, crowd } = this.stage.scene;
      this.panel.show(player, map?.columns ?? 0);
      this.stage.seen = undefined;
      if (place === null || map === undefined || map.world !== place.world || find(crowd.ids, player.id) >= 0) return;
      this.stage.seen = { x: place.x, z: place.z };
      if (map.dots === null) {
        this.stage.past.add(performance.now(), Int32Array.of(player.id), Float64Array.of(place.x), Float64Array.of(place.z));
      }
      this.stage.refresh();
    }, (why) => {
      this.panel.tell(why);
      this.stage.seen = undefined;
      this.stage.refresh();
    });
  }

  private async askView(): Promise<void> {
    const { id } = this;
    await this.answered(id, async (api) => {
      const view = await api.view(id as number);
      if (id !== this.id || !this.inspecting) return;
      this.stage.view = view;
      this.stage.refresh();
      this.inspector.show(view);
    }, (why) => this.inspector.tell(why));
  }

  /** answered asks something about the player, and tells if there is none any more. */
  private async answered(id: number | undefined, ask: (api: Api) => Promise<void>, tell: (why: string) => void): Promise<void> {
    const api = this.page.api();
    if (api === undefined) return;
    try {
      await ask(api);
    } catch (error) {
      if (id !== this.id) return; // another is chosen by now
      if (isGone(error)) tell("It has left the world.");
      throw error;
    }
  }

  /** told says how a question went. That somebody has left is nothing wrong with it. */
  private told(question: string, error: unknown): void {
    this.page.told(question, isGone(error) ? undefined : error);
  }
}

/** isGone reports whether an error says that there is no such player any more. */
function isGone(error: unknown): boolean {
  return error instanceof Problem && error.code === "nobody";
}
