import { Problem } from "./api.js";
import type { Sanction, Why } from "./contract.js";

/** explain says in words why something did not work. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return `The page itself is at fault: ${String(error)}`;
  const said = error.message;
  const words: Record<string, string> = {
    unreachable: "The server does not answer.",
    off: "The operator's API is off: the server was started without ops.admin_token_file.",
    unauthorized: "The server does not know this token.",
    foreign_host: "The server is not to be called by this name: see ops.admin_hosts.",
    foreign_origin: "The server takes this page for one of somebody else's.",
    invalid: `That cannot be: ${said}.`,
    nobody: "Nobody of that kind is there.",
    not_found: "It is not there any more.",
    too_large: "That is too long.",
    full: "There are as many bans and mutes as there may be: lift some first.",
    storage_unavailable: "The file of bans cannot be written. Nothing was done.",
    not_in_time: "The world did not answer in time. It may do what was asked all the same.",
    internal: "The server is at fault: its log says more.",
  };
  return words[error.code] ?? `The server answers what this page does not understand (${said}).`;
}

/** tooLong says that a text has more bytes than it may. */
export function tooLong(size: number, most: number): string {
  return `That is too long: ${count(size)} bytes of ${count(most)}.`;
}

/** Why an entity was sent, or was not, in few words and in a sentence. */
export const reasons: Record<Why, readonly [short: string, long: string]> = {
  moved: ["moved", "It moved, and everybody who sees its cell is told."],
  entered: ["came into view", "It came into the cells in view."],
  crossed: ["crossed a border", "It went from one cell in view into another."],
  left: ["left view", "It went out of the cells in view, hid, or left the world."],
  key: ["cell told whole", "Its cell is told whole: it is new to the player, or numbered anew."],
  caught_up: ["catching up", "The player had fallen behind, and is told what it has missed."],
  traits: ["new look", "Its name, kind or attributes are new."],
  far: ["its turn in a crowd", "It is in a crowd, and had its turn: all who see the crowd are told."],
  near: ["near, in a crowd", "It is in a crowd, among the nearest to the player."],
  unchanged: ["nothing new", "It is in view, and nothing has happened to it."],
  rounded: ["too small a step", "It moved by less than what positions are rounded to."],
  tracked: ["on its track", "It is in a crowd, and where the player takes it to be by the track that it was told."],
  waiting: ["waits in a crowd", "It is in a crowd, neither near nor at its turn."],
  outside: ["out of view", "It is outside the cells in view."],
  hidden: ["hidden", "It is shown to moderators alone."],
  lagging: ["player lags", "The player could not take a frame, and will be told how things stand then."],
  catching_up: ["not reached yet", "The player catches up in parts, and has not come to it yet."],
  absent: ["no connection", "The player has no connection that is shown the world."],
  missing: ["MISSING", "It should have been sent. That is a fault of the server: please report it."],
};

/** Close codes, in few words. */
const closes: Record<string, string> = {
  1000: "goodbye", 1002: "protocol error", 1003: "text", 1006: "connection lost", 1009: "too large", 4001: "shutdown",
  4002: "slow consumer", 4003: "internal error", 4006: "heartbeat", 4007: "frame timeout", 4008: "too many connections", 4009: "flood",
  4010: "token expired", 4501: "unauthenticated", 4502: "auth timeout", 4503: "kicked", 4504: "protocol abuse", 4505: "banned",
  4506: "replaced", 4507: "move abuse", 4508: "version",
};

/** closeName says what a close code means. */
export function closeName(code: string): string {
  return closes[code] === undefined ? code : `${code} ${closes[code]}`;
}

/** kindName says what an entity of a kind is. */
export function kindName(kind: number): string {
  return kind === 0 ? "player" : kind === 1 ? "wanderer" : `thing ${kind}`;
}

/** called is how somebody is called, whatever the name. */
export function called(name: string, id: number): string {
  return name === "" ? `player ${id}` : `${name} (${id})`;
}

/** about says whom a ban or a mute is about. */
export function about({ kind, subject }: Pick<Sanction, "kind" | "subject">): string {
  return `${kind} ${subject}`;
}

/** until says when something ends. */
export function until(end: string | null): string {
  return end === null ? "for good" : `until ${new Date(end).toLocaleString()}`;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** count writes a number of things. */
export function count(n: number): string {
  return whole.format(n);
}

/** short writes a number in few digits: 950, 1.2 k, 34 M. */
export function short(n: number, unit = ""): string {
  const size = Math.abs(n);
  const [by, prefix] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  const digits = size / by < 10 && (by > 1 || !Number.isInteger(n)) ? 1 : 0;
  return `${(n / by).toFixed(digits)} ${prefix}${unit}`.trim();
}

/** millis writes a time of some milliseconds. */
export function millis(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 && ms > 0 ? ms.toPrecision(2) : Math.round(ms)} ms`;
}

/** since says how long ago something was. */
export function since(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min` : `${Math.floor(seconds / 86_400)} d`;
}
