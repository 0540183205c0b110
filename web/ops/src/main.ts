import "./style.css";
import { element } from "../../common/src/dom.js";
import { News } from "../../common/src/news.js";
import { Api, Problem } from "./api.js";
import { Ask } from "./ask.js";
import { Charts } from "./charts.js";
import { Chosen } from "./chosen.js";
import type { Player, Status } from "./contract.js";
import { Controls } from "./controls.js";
import { handedToken, keepToken } from "./credentials.js";
import { Door } from "./door.js";
import { History } from "./history.js";
import { showLegend } from "./legend.js";
import { facts } from "./parts.js";
import { Finder, People } from "./people.js";
import { Poll } from "./poll.js";
import { Sanctions } from "./sanctions.js";
import { Stage } from "./stage.js";
import { Tabs, type Tab } from "./tabs.js";
import { count, explain, millis, short } from "./words.js";

/** How often the map, the figures and the status are asked for (ms), while somebody looks at them. */
const [mapEvery, figuresEvery, statusEvery] = [300, 1000, 5000];

let api: Api | undefined;
let world = "";

const current = () => api;
const looking = (...tabs: Tab[]) => api !== undefined && !document.hidden && (tabs.length === 0 || tabs.includes(tabOf.now));

const news = new News();
const ask = new Ask(news);
const history = new History();
const stage: Stage = new Stage(element<HTMLCanvasElement>("stage"), {
  choose: (id) => chosen.choose(id), place: (at) => chosen.placed(at), key: keyed,
  hover: ({ x, z }) => (element("stage").title = `x ${x.toFixed(1)}, z ${z.toFixed(1)}`),
});
const charts = new Charts();
const people = new People(current, show, failed);
const sanctions = new Sanctions(current, ask, failed);
const controls = new Controls(current, ask, failed);
const chosen = new Chosen(stage, ask, { api: current, watched: () => looking("map"), failed });
const door = new Door((token) => void enter(token));
const polls = {
  map: new Poll(mapEvery, () => looking("map"), () => told(askMap)),
  figures: new Poll(figuresEvery, () => looking(), () => told(askFigures)),
  status: new Poll(statusEvery, () => looking(), () => told(askStatus)),
};
const tabOf = new Tabs(turn);
new Finder(current, show, failed);

listen();
Object.assign(globalThis, { aoiworld: { stage, history, chosen } }); // for whoever opens the console
const token = handedToken();
if (token === undefined) door.open();
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
    stand("good", "Live");
    showStatus(status);
    wake();
  } catch (error) {
    const known = error instanceof Problem && error.status !== 401;
    if (!known) keepToken(undefined);
    door.open(explain(error));
  }
}

/** leave signs out, and says why. */
function leave(why = ""): void {
  api = undefined;
  keepToken(undefined);
  chosen.choose(undefined);
  stand("bad", "Not connected");
  door.open(why);
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
    stage.camera.centre(player.place.x, player.place.z);
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

/** told does something, and tells if it fails. */
async function told(ask: (api: Api) => Promise<void>): Promise<void> {
  if (api === undefined) return;
  try {
    await ask(api);
    if (api !== undefined) stand("good", "Live");
  } catch (error) {
    failed(error);
    throw error;
  }
}

/** failed tells that something was not answered. */
function failed(error: unknown): void {
  if (api === undefined) return;
  if (error instanceof Problem && ["unauthorized", "foreign_host", "foreign_origin", "off"].includes(error.code)) leave(explain(error));
  else stand("waiting", explain(error));
}

/** stand shows how the page stands with the server. */
function stand(state: "good" | "waiting" | "bad", text: string): void {
  const output = element("standing");
  output.className = state;
  if (output.textContent !== text) output.textContent = text;
}

async function askMap(api: Api): Promise<void> {
  const asked = world;
  const map = await api.map(asked);
  if (asked !== world) return;
  const dots = map.tiles === null;
  if (stage.scene.map?.world !== map.world && stage.shown.heat !== dots) toggle("heat"); // two kinds of squares do not go together
  stage.take(map, performance.now());
  showLegend(map, stage.scene.crowd, stage.shown.heat);
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
  if (names.join("\n") !== [...select.options].map(({ value }) => value).join("\n")) select.replaceChildren(...names.map((name) => new Option(name, name)));
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
  stage.shown[what] = !stage.shown[what];
  element(what).setAttribute("aria-pressed", String(stage.shown[what]));
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
  addEventListener("hashchange", () => {
    const token = handedToken();
    if (location.hash === "" && token !== undefined && api === undefined) void enter(token);
  });
}
