// Tag in the browser: one player is "it", and whom it touches is "it" next. The rules are the server's, in examples/tag; here is
// what a player sees and does. The game's messages are small enough to be read and written by hand.
import { Client, shownName, type Entity, type Position } from "aoiworld-client";

const touch = 10000; // to the server: I touch that player
const score = 10003; // from it, to me: how often I have tagged, and was
const reach = 8; // world units
const pace = 12; // world units a second

const canvas = document.getElementById("field") as HTMLCanvasElement;
const told = document.getElementById("told") as HTMLElement;
const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
const path = document.querySelector<HTMLMetaElement>("meta[name=aoiworld-path]")?.content ?? "/ws";
const client = new Client({ url: `${location.protocol.replace("http", "ws")}//${location.host}${path}`, version: "browser-tag" });

const held = new Set<string>();
let goal: { x: number; z: number } | undefined;
let touched = 0; // when somebody was, last
let points = "";
Object.assign(globalThis, { tag: { client } });

client.on("message", ({ id, payload }) => {
  if (id !== score) return; // who is "it" now, everybody is shown
  const fields = numbers(payload);
  points = ` · tagged ${fields.get(1) ?? 0}, was tagged ${fields.get(2) ?? 0}`;
  tell();
});
client.on("changed", tell);
client.on("appeared", tell);
client.on("disconnected", ({ text, retryIn }) => {
  told.textContent = retryIn === undefined ? `It is over: ${text}` : `Connection lost: ${text}`;
});
client.on("resumed", tell);
client.connect().then(tell, (error: Error) => (told.textContent = error.message));

canvas.addEventListener("pointerdown", aim);
canvas.addEventListener("pointermove", (event) => event.buttons > 0 && aim(event));
addEventListener("keydown", (event) => held.add(event.key));
addEventListener("keyup", (event) => held.delete(event.key));
addEventListener("blur", () => held.clear());
canvas.focus();
requestAnimationFrame(frame);

/** numbers reads a protobuf message that has numbers alone. */
function numbers(message: Uint8Array): Map<number, number> {
  const fields = new Map<number, number>();
  for (let at = 0; at < message.length; ) {
    const read = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = message[at++] ?? 0;
        value |= (byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    fields.set(read() >> 3, read());
  }
  return fields;
}

/** write writes a protobuf message with one number in field 1. */
function write(value: number): Uint8Array {
  const bytes = [8];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Uint8Array.from([...bytes, value]);
}

/** isIt reports whether somebody is "it", which everybody is shown. */
function isIt(who: Entity | undefined): boolean {
  return who !== undefined && numbers(who.attributes).get(1) === 1;
}

/** tell says how the game stands. */
function tell(): void {
  const it = [...client.view.values()].find(isIt);
  const who = it === undefined ? "It is far away" : it.id === client.player ? "You are it: catch somebody" : `${shownName(it)} is it: run`;
  told.textContent = who + points;
}

/** scale is how many pixels a world unit has, so that one sees as far as one is told. */
function scale(): number {
  const { world } = client;
  return world === undefined ? 10 : Math.max(canvas.width, canvas.height) / ((3 * (world.maxX - world.minX)) / world.columns);
}

/** aim walks to where the pointer is. */
function aim(event: PointerEvent): void {
  const here = client.here();
  goal = { x: here.x + (event.offsetX - canvas.width / 2) / scale(), z: here.z - (event.offsetY - canvas.height / 2) / scale() };
}

/** walk goes on for so many seconds, and touches whoever is within reach. */
function walk(seconds: number): void {
  const here = client.here();
  let x = Number(held.has("ArrowRight")) - Number(held.has("ArrowLeft"));
  let z = Number(held.has("ArrowUp")) - Number(held.has("ArrowDown"));
  if (x !== 0 || z !== 0) goal = undefined;
  else if (goal !== undefined) [x, z] = [goal.x - here.x, goal.z - here.z];
  const far = Math.hypot(x, z);
  if (far > 0.1) {
    const step = Math.min(goal === undefined ? Infinity : far, pace * seconds) / far;
    client.move({ x: here.x + x * step, y: 0, z: here.z + z * step, heading: (Math.atan2(x, z) * 180) / Math.PI });
  } else goal = undefined;
  if (isIt(client.view.get(client.player)) && performance.now() > touched + 300) reachOut(here);
}

/** reachOut touches who is nearest. */
function reachOut(here: Position): void {
  const others = [...client.view.values()].filter(({ id, kind }) => kind === 0 && id !== client.player);
  const far = ({ at }: Entity) => Math.hypot(client.position(at).x - here.x, client.position(at).z - here.z);
  const nearest = others.sort((a, b) => far(a) - far(b))[0];
  if (nearest === undefined || far(nearest) > reach) return;
  client.send(touch, write(nearest.id));
  touched = performance.now();
}

let before = performance.now();

/** frame walks, draws everybody, and asks for the next frame. */
function frame(now: number): void {
  if (client.state === "playing") walk(Math.min(0.1, (now - before) / 1000));
  before = now;
  canvas.width = canvas.clientWidth;
  canvas.height = canvas.clientHeight;
  const here = client.here();
  pen.textAlign = "center";
  for (const who of client.view.values()) {
    const at = client.shown(who.id);
    if (at === undefined) continue;
    const left = canvas.width / 2 + (at.x - here.x) * scale(), top = canvas.height / 2 - (at.z - here.z) * scale();
    pen.fillStyle = isIt(who) ? "#e0452f" : who.id === client.player ? "#1f6f5c" : who.kind === 0 ? "#5a7fc0" : "#999";
    pen.beginPath();
    pen.arc(left, top, 10, 0, 2 * Math.PI);
    pen.fill();
    pen.fillText(shownName(who), left, top + 24);
  }
  requestAnimationFrame(frame);
}
