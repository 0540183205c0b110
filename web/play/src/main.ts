import "./style.css";
import { Client, EndedError, type Channel, type End } from "aoiworld-client";
import { element, make } from "../../common/src/dom.js";
import { News } from "../../common/src/news.js";
import { Door } from "./door.js";
import { Figures } from "./figures.js";
import { Map } from "./map.js";
import { Stage } from "./stage.js";
import { Steering } from "./steering.js";
import { Talk } from "./talk.js";
import { keepToken, keptToken } from "./token.js";
import { preferred, wordsOf, type Language } from "./words.js";

/** The gesture that is shown as a hop. */
const hopGesture = 1;

let language: Language = preferred();
let words = wordsOf(language);
let client: Client | undefined;

const canvas = element<HTMLCanvasElement>("stage");
const stage = new Stage(canvas);
const steering = new Steering(stage, canvas);
const figures = new Figures();
const map = new Map();
const news = new News();
const talk = new Talk(words, { say, longest: () => client?.limits?.chatBytes ?? Infinity, leave: () => canvas.focus() });
const door = new Door(words, (name) => void join(name));
const tools = element("tools");

speak(language);
element("language").addEventListener("click", () => speak(language === "en" ? "zh" : "en"));
canvas.addEventListener("keydown", keyed);
canvas.addEventListener("wheel", (event) => stage.camera.closer(event.deltaY < 0 ? 1.1 : 1 / 1.1), { passive: true });
addEventListener("online", () => client?.reconnect());
document.addEventListener("visibilitychange", () => document.hidden || client?.reconnect());
addEventListener("pagehide", () => keepToken(client?.resumeToken));
requestAnimationFrame(frame);
if (keptToken() !== undefined) void join(localStorage.getItem("name") ?? "");
else door.open();

/** join connects. After the page was loaded anew, one goes on as the same player. */
async function join(name: string): Promise<void> {
  door.wait();
  const resume = keptToken();
  keepToken(undefined);
  client?.close();
  const path = document.querySelector<HTMLMetaElement>("meta[name=aoiworld-path]")?.content ?? "/ws";
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
  client = new Client({ url, name, version: "aoiworld play page", ...(resume && { resume }) });
  Object.assign(globalThis, { aoiworld: { client, figures, stage } }); // for whoever opens the console
  listen(client);
  standing(words.connecting, "waiting");
  try {
    await client.connect();
    door.close();
    canvas.focus();
  } catch (error) {
    const why = error instanceof EndedError ? error.end.text : String(error);
    standing(words.ended, "bad");
    door.open(words.failed(why));
  }
}

/** listen shows what happens to a client. */
function listen(one: Client): void {
  let joined = false;
  one.on("connected", ({ name }) => {
    stage.forget();
    news.tell(joined ? words.renewed(name) : words.welcome(name), joined ? "warning" : "good");
    if (joined) talk.note(words.renewed(name));
    joined = true;
    standing(words.playing(name), "good");
  });
  one.on("resumed", ({ name }) => {
    joined = true;
    news.tell(words.resumed(name), "good");
    talk.note(words.resumed(name));
    standing(words.playing(name), "good");
  });
  one.on("disconnected", (gone) => {
    if (one === client && joined) parted(gone, gone.retryIn);
  });
  one.on("chat", (said) => {
    talk.hear(said, said.player === one.player);
    stage.say(said.player, said.text, said.channel === "nearby");
  });
  one.on("gesture", ({ player, number }) => number === hopGesture && stage.hop(player));
  one.on("notice", ({ text }) => {
    talk.note(`${words.server}: ${text}`);
    news.tell(`${words.server}: ${text}`, "good");
  });
  one.on("refused", ({ text }) => talk.note(words.refused(text)));
  one.on("corrected", () => news.tell(words.corrected, "warning"));
}

/** parted tells that a connection has ended. */
function parted(end: End, retryIn: number | undefined): void {
  if (retryIn !== undefined) {
    standing(words.waiting, "waiting");
    const why = words.lost(end.text, Math.ceil(retryIn / 1000));
    news.tell(why, "warning", retryIn + 2000);
    talk.note(why);
    return;
  }
  steering.release();
  standing(words.ended, "bad");
  const why = end.name === "GOODBYE" && end.text === "closed" ? words.left : words.kicked(end.text, end.name);
  talk.note(why);
  door.open(why);
}

/** standing shows how one stands. */
function standing(text: string, state: "good" | "waiting" | "bad"): void {
  const output = element("standing");
  output.textContent = text;
  output.className = state;
}

function say(text: string, channel: Channel): boolean {
  return client?.say(text, channel) ?? false;
}

function hop(): void {
  if (client?.gesture(hopGesture)) stage.hop(client.player);
}

function toggleGrid(): void {
  stage.grid = !stage.grid;
  tools.firstElementChild?.setAttribute("aria-pressed", String(stage.grid));
}

/** keyed does what a key on the stage asks for, beside walking. */
function keyed(event: KeyboardEvent): void {
  const actions: Record<string, () => void> = {
    Enter: () => talk.focus(), KeyT: () => talk.focus(), KeyG: toggleGrid, Space: hop,
    Equal: () => stage.camera.closer(1.2), NumpadAdd: () => stage.camera.closer(1.2),
    Minus: () => stage.camera.closer(1 / 1.2), NumpadSubtract: () => stage.camera.closer(1 / 1.2),
  };
  const action = actions[event.code];
  if (action === undefined || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

/** speak changes the language of everything. */
function speak(to: Language): void {
  language = to;
  words = wordsOf(to);
  localStorage.setItem("language", to);
  document.documentElement.lang = to === "zh" ? "zh-CN" : "en";
  canvas.setAttribute("aria-label", words.stage);
  door.speak(words);
  talk.speak(words);
  figures.speak(words);
  const buttons = [
    ["▦", words.grid, toggleGrid], ["⤒", words.hop, hop], ["+", words.zoomIn, () => stage.camera.closer(1.25)],
    ["−", words.zoomOut, () => stage.camera.closer(0.8)], ["×", words.leave, () => client?.close()],
  ] as const;
  tools.replaceChildren(...buttons.map(([sign, title, act]) => {
    const button = make("button", "", sign) as HTMLButtonElement;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.addEventListener("click", act);
    return button;
  }));
  tools.firstElementChild?.setAttribute("aria-pressed", String(stage.grid));
  if (client?.state === "playing") standing(words.playing(client.name), "good");
}

let before = performance.now();

/** frame draws one frame, and asks for the next. */
function frame(now: number): void {
  const seconds = Math.min(0.1, (now - before) / 1000);
  before = now;
  if (client !== undefined) {
    steering.walk(client, seconds);
    map.draw(client, now);
  }
  stage.draw(client, now);
  figures.frame(client, now);
  requestAnimationFrame(frame);
}
