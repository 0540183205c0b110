import type { Api } from "./api.js";
import type { Field, Question, Values } from "./ask.js";
import type { Kind, Player, Sanction, Settings } from "./contract.js";
import { about, called, count, until } from "./words.js";

/** How long a ban or a mute can be (seconds; "" is for good). */
const spans = [
  ["600", "ten minutes"], ["3600", "an hour"], ["86400", "a day"], ["604800", "a week"], ["2592000", "thirty days"], ["", "for good"],
] as const;

const reason: Field = { name: "reason", label: "Reason, which whoever it is about reads", kind: "text", value: "", maxBytes: 64 };
const span: Field = { name: "seconds", label: "For how long", kind: "choice", value: "86400", options: spans };

/** The reason as it is told of in a sentence. */
const because = (values: Values) => (values.reason ? `, with the reason “${values.reason}”` : ", without a reason");

const lasting = (values: Values) => {
  const name = spans.find(([seconds]) => seconds === values.seconds)?.[1] ?? "";
  return values.seconds === "" ? name : `for ${name}`;
};

/** sessions says of how many sessions something was. */
const sessions = (n: number) => (n === 1 ? "1 session" : `${count(n)} sessions`);

/** kicking asks whether a player shall be removed. */
export function kicking(api: Api, { id, name }: Player): Question {
  return {
    title: `Kick ${called(name, id)}`, fields: [reason], verb: "Kick", grave: true,
    will: (values) =>
      `The connection is closed with code 4503${because(values)}. The player leaves the world with the next tick, and may come back at once.`,
    act: async (values) => {
      const done = await api.kick("player", String(id), values.reason ?? "");
      return `${called(name, id)} is kicked: ${sessions(done.sessions)}.`;
    },
  };
}

/** hostOf returns an address without its port. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** knownBy returns by what a player can be banned or muted, what lasts longest first. */
export function knownBy(player: Player, what: "bans" | "mutes"): readonly (readonly [value: string, label: string])[] {
  const all: [Kind, string][] = [["account", player.account], ["name", player.name], ["address", hostOf(player.address)]];
  if (what === "mutes") all.push(["player", String(player.id)]);
  return all.filter(([, subject]) => subject !== "").map(([kind, subject]) => [`${kind} ${subject}`, about({ kind, subject })] as const);
}

/** sanctioning asks whether a player shall be banned, or muted. */
export function sanctioning(api: Api, what: "bans" | "mutes", player: Player): Question {
  const known = knownBy(player, what);
  const subject: Field = { name: "subject", label: "By what", kind: "choice", value: known[0]?.[0] ?? "", options: known };
  const of = (values: Values) => {
    const [kind, ...rest] = (values.subject ?? "").split(" ");
    return { kind: kind as Kind, subject: rest.join(" ") };
  };
  return imposing(api, what, `${what === "bans" ? "Ban" : "Mute"} ${called(player.name, player.id)}`, [subject], of);
}

/** sanctioningAnybody asks who shall be banned, or muted, here or not. */
export function sanctioningAnybody(api: Api, what: "bans" | "mutes"): Question {
  const fields: Field[] = [
    {
      name: "kind", label: "By", kind: "choice", value: "account",
      options: [["account", "account"], ["name", "name"], ["address", "address or network"]],
    },
    { name: "subject", label: "Account, name or address", kind: "text", value: "", required: true },
  ];
  const of = (values: Values) => ({ kind: values.kind as Kind, subject: values.subject ?? "" });
  return imposing(api, what, what === "bans" ? "Ban somebody" : "Mute somebody", fields, of);
}

/** imposing asks about a ban or a mute of whoever is filled in. */
function imposing(
  api: Api, what: "bans" | "mutes", title: string, fields: readonly Field[], of: (values: Values) => Pick<Sanction, "kind" | "subject">,
): Question {
  const ban = what === "bans";
  return {
    title, fields: [...fields, span, reason], verb: ban ? "Ban" : "Mute", grave: true,
    will: (values) => (ban
      ? `Whoever is there of ${about(of(values))} is closed with code 4505${because(values)}, and kept out ${lasting(values)}.`
      : `What ${about(of(values))} says is not passed on ${lasting(values)}; whoever is there is told so${because(values)}.`),
    act: async (values) => {
      const done = await api.impose(what, {
        ...of(values), ...(values.seconds && { seconds: Number(values.seconds) }), ...(values.reason && { reason: values.reason }),
      });
      return `${about(done)} is ${ban ? "banned" : "muted"} ${until(done.until)}: ${sessions(done.sessions)}.`;
    },
  };
}

/** lifting asks whether a ban or a mute shall end. */
export function lifting(api: Api, what: "bans" | "mutes", sanction: Sanction, done: () => void): Question {
  const ban = what === "bans";
  return {
    title: `${ban ? "Lift the ban" : "Lift the mute"} of ${about(sanction)}`, verb: "Lift",
    will: () => (ban ? "Whoever it is may come in again." : "What is said is passed on again, and whoever is there is told so."),
    act: async () => {
      await api.lift(what, sanction.id);
      done();
      return `${about(sanction)} may ${ban ? "come" : "speak"} again.`;
    },
  };
}

/** announcing asks what shall be said to everybody. */
export function announcing(api: Api, text: string, players: number): Question {
  return {
    title: "Say it to everybody", verb: "Announce",
    will: () => `“${text}” is shown to all ${count(players)} who play.`,
    act: async () => `It was said to ${sessions((await api.announce(text)).sessions)}.`,
  };
}

/** teleporting asks whether a player shall be taken to a place, which can still be changed. */
export function teleporting(api: Api, { id, name }: Player, at: { x: number; z: number }): Question {
  const field = (axis: "x" | "z"): Field => ({ name: axis, label: axis, kind: "number", value: at[axis].toFixed(2), required: true });
  return {
    title: `Teleport ${called(name, id)}`, fields: [field("x"), field("z")], verb: "Teleport",
    will: ({ x, z }) => `With the next tick the player is at x ${x}, z ${z}, and goes on from there.`,
    act: async (values) => {
      const { x, z } = await api.teleport(id, Number(values.x), Number(values.z));
      return `${called(name, id)} is at x ${x.toFixed(2)}, z ${z.toFixed(2)}.`;
    },
  };
}

/** draining asks whether the server shall stop. */
export function draining(api: Api, players: number): Question {
  return {
    title: "Drain the server", verb: "Drain and stop", grave: true,
    will: () =>
      `Nobody is let in any more, all ${count(players)} who play are told when to come back, and the process ends. ` +
      "This page then has no server to show.",
    act: async () => `The server drains: ${sessions((await api.drain()).sessions)} are told.`,
  };
}

/** amending asks whether settings shall be changed, from how they are. */
export function amending(api: Api, now: Settings, wanted: Settings, done: (settings: Settings) => void): Question {
  const changes = Object.entries(wanted).map(([key, value]) => `${key} from ${now[key]} to ${value}`).join(", ");
  const cut = ["world.columns", "world.rows", "world.view_radius"].some((key) => key in wanted);
  return {
    title: "Change settings", verb: "Change",
    will: () =>
      `${changes}. ${cut ? "The world is cut anew with the next tick; everybody stays connected. " : ""}` +
      "It holds until the configuration is read anew.",
    act: async () => {
      const { changed, settings } = await api.amend(wanted);
      done(settings);
      return changed.length === 0 ? "Nothing was to be changed." : `Changed: ${changed.join(", ")}.`;
    },
  };
}
