import "./style.css";
import { element } from "../../common/src/dom.js";
import { News } from "../../common/src/news.js";
import { Api, Problem } from "./api.js";
import { Ask } from "./ask.js";
import { Charts } from "./charts.js";
import { Chosen } from "./chosen.js";
import type { Player, Status } from "./contract.js";
import { Controls } from "./controls.js";
import { handedToken, keepToken, keepWhy, keptWhy, tokenIn } from "./credentials.js";
import { Door } from "./door.js";
import { History } from "./history.js";
import { showLegend } from "./legend.js";
import { facts } from "./parts.js";
import { Finder, People } from "./people.js";
import { Poll } from "./poll.js";
import { Sanctions } from "./sanctions.js";
import { Stage } from "./stage.js";
import { Standing } from "./standing.js";
import { Tabs, type Tab } from "./tabs.js";
import { count, explain, millis, short } from "./words.js";

/** How often the map, the figures and the status are asked for (ms), while somebody looks at them. */
const [mapEvery, figuresEvery, statusEvery] = [300, 1000, 5000];

let api: Api | undefined;
let world = "";

/** Whether it is shown how full cells are: a choice for where there are dots, and one for where squares are in the way. */
const heat = { dots: true, squares: false };

const current = () => api;
const looking = (...tabs: Tab[]) => api !== undefined && !document.hidden && (tabs.length === 0 || tabs.includes(tabOf.now));

const news = new News();
const standing = new Standing();
const ask = new Ask(news);
const history = new History();
const stage: Stage = new Stage(element<HTMLCanvasElement>("stage"), {
  choose: (id) => chosen.choose(id), place: (at) => chosen.placed(at), follow: (on) => chosen.following(on), key: keyed,
  hover: ({ x, z }) => (element("at").textContent = `x ${x.toFixed(1)}, z ${z.toFixed(1)}`),
});
const charts = new Charts();
const people = new People(current, show, complain);
const sanctions = new Sanctions(current, ask, complain);
const controls = new Controls(current, ask, complain);
const chosen = new Chosen(stage, ask, { api: current, watched: () => looking("map"), told: report });
const door = new Door((token) => void enter(token));
const polls = {
  map: asking("map", mapEvery, () => looking("map"), askMap),
  figures: asking("figures", figuresEvery, () => looking(), askFigures),
  status: asking("status", statusEvery, () => looking(), askStatus),
};
const tabOf = new Tabs(turn);
new Finder(current, show, complain);

listen();
Object.assign(globalThis, { aoiworld: { stage, history, chosen } }); // for whoever opens the console
const why = keptWhy();
const token = handedToken();
if (token === undefined) door.open(why);
else void enter(token);

/** enter signs in with a token. */
async function enter(token: string): Promise<void> {
  door.wait();
  const tried = new Api(token);
  try {
    const status = await tried.status();
    api = tried;
    keepToken(token);
    door.close();
    standing.tell("status");
    showStatus(status);
    wake();
  } catch (error) {
    const known = error instanceof Problem && error.status !== 401;
    if (!known) keepToken(undefined);
    door.open(explain(error));
  }
}

/** leave signs out, and says why: the page begins anew, and nothing of what was shown is left. */
function leave(why = ""): void {
  keepToken(undefined);
  keepWhy(why);
  begin();
}

/** begin loads the page anew. What is answered until then counts no more. */
function begin(): void {
  api = undefined;
  location.reload();
}

/** wake goes on asking for what is shown. */
function wake(): void {
  for (const poll of Object.values(polls)) poll.wake();
  chosen.wake();
}

/** turn shows what belongs to a tab. */
function turn(tab: Tab): void {
  wake();
  if (tab === "charts") drawCharts();
  if (tab === "players") void people.refresh();
  if (tab === "sanctions") void sanctions.refresh();
  if (tab === "server") void controls.refresh();
}

/** show shows somebody on the map. */
function show(player: Player): void {
  if (player.place !== null) {
    choose(player.place.world);
    stage.seek(player.place.x, player.place.z);
  }
  tabOf.show("map");
  chosen.choose(player.id);
}

/** choose shows another world. */
function choose(name: string): void {
  if (name === world) return;
  world = name;
  element<HTMLSelectElement>("world").value = name;
  chosen.choose(undefined);
  polls.map.wake();
}

/** asking asks something again and again, and says how that goes. */
function asking(question: string, every: number, wanted: () => boolean, ask: (api: Api) => Promise<void>): Poll {
  return new Poll(every, wanted, async () => void (api && (await ask(api))), (error) => report(question, error));
}

/** report says how a question went that is asked again and again. */
function report(question: string, error?: unknown): void {
  if (error !== undefined && refused(error)) return;
  if (api !== undefined) standing.tell(question, error === undefined ? undefined : explain(error));
}

/** complain says that something was not answered. */
function complain(error: unknown): void {
  if (!refused(error) && api !== undefined) news.tell(explain(error), "warning");
}

/** refused reports whether nobody is let in any more, and signs out then. */
function refused(error: unknown): boolean {
  const out = error instanceof Problem && ["unauthorized", "foreign_host", "foreign_origin", "off"].includes(error.code);
  if (out && api !== undefined) leave(explain(error));
  return out;
}

async function askMap(api: Api): Promise<void> {
  const asked = world;
  const map = await api.map(asked);
  if (asked !== world) return;
  stage.take(map, performance.now());
  showChoices();
}

async function askFigures(api: Api): Promise<void> {
  const figures = await api.figures(history.last);
  history.take(figures);
  const { now } = figures;
  facts(element("figures"), [
    ["players", count(now.players)], ["updates/s", short(now.updates)], ["tick", `${millis(now.tick_mean)} of ${millis(now.tick_budget)}`],
    ["out", `${short(now.bytes_out, "B")}/s`], ["lagging", count(now.lagging)],
  ]);
  if (tabOf.now === "charts") drawCharts();
}

async function askStatus(api: Api): Promise<void> {
  showStatus(await api.status());
}

function showStatus(status: Status): void {
  controls.show(status);
  const select = element<HTMLSelectElement>("world");
  const names = status.worlds.map(({ name }) => name);
  const known = [...select.options].map(({ value }) => value);
  if (names.join("\n") !== known.join("\n")) select.replaceChildren(...names.map((name) => new Option(name, name)));
  if (!names.includes(world)) choose(names[0] ?? "");
  select.value = world;
  element("worlds").hidden = names.length < 2;
}

function drawCharts(): void {
  charts.draw(history, Number(element<HTMLSelectElement>("span").value));
}

/** keyed does what a key on the map asks for. */
function keyed(key: string): boolean {
  if (key === "g") toggle("grid");
  else if (key === "h") toggle("heat");
  else if (key === "Escape") chosen.choose(undefined);
  else return false;
  return true;
}

/** toggle shows something on the map, or no longer. */
function toggle(what: "grid" | "heat"): void {
  if (what === "grid") stage.shown.grid = !stage.shown.grid;
  else heat[form()] = !heat[form()];
  showChoices();
}

/** form is what everybody is on the map. */
function form(): keyof typeof heat {
  return (stage.scene.map?.tiles ?? null) === null ? "dots" : "squares";
}

/** showChoices shows on the map, its buttons and its legend what was chosen to be there. */
function showChoices(): void {
  stage.shown.heat = heat[form()];
  for (const what of ["grid", "heat"] as const) element(what).setAttribute("aria-pressed", String(stage.shown[what]));
  const { map, crowd } = stage.scene;
  if (map !== undefined) showLegend(map, crowd, stage.shown.heat);
  stage.refresh();
}

/** listen listens to the page's own controls. */
function listen(): void {
  const zoom = 1.5;
  element("nearer").addEventListener("click", () => stage.zoom(zoom));
  element("farther").addEventListener("click", () => stage.zoom(1 / zoom));
  element("whole").addEventListener("click", () => stage.whole());
  element("grid").addEventListener("click", () => toggle("grid"));
  element("heat").addEventListener("click", () => toggle("heat"));
  element("leave").addEventListener("click", () => leave());
  element("span").addEventListener("change", drawCharts);
  element("world").addEventListener("change", (event) => choose((event.target as HTMLSelectElement).value));
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("hashchange", () => tokenIn(location.hash) !== undefined && begin());
}
