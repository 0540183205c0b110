// What the operator's API says and is told, as ops/admin/openapi.yaml describes it.

/** How somebody is known to moderators. */
export type Kind = "account" | "name" | "address" | "player";

/** How the server stands. */
export interface Status {
  ready: boolean;
  draining: boolean;
  overloaded: string[];
  sessions: number;
  detached: number;
  worlds: { name: string; tick: number; tick_rate: number; players: number; entities: number }[];
}

/** Where a player is. */
export interface Place {
  world: string;
  tick: number;
  cell: number;
  x: number;
  y: number;
  z: number;
  heading: number;
  hidden: boolean;
}

/** A player. */
export interface Player {
  id: number;
  name: string;
  account: string;
  roles: string[];
  address: string;
  transport: string;
  dialect: string;
  state: string;
  since: string;
  detached: boolean;
  muted: boolean;
  /** Bytes that the kernel took, and that wait for it; for how long it has taken none. */
  link: { sent: number; queued: number; lag_ticks: number; lag_millis: number };
  place: Place | null;
}

/** Some of the players. */
export interface Players {
  players: Player[];
  total: number;
  next: number | null;
}

/** A ban or a mute. */
export interface Sanction {
  id: string;
  kind: Kind;
  subject: string;
  until: string | null;
  reason: string;
  by: string;
  created: string;
}

/** Whom a measure is about, for how long (seconds; for good without), and why. */
export interface Measure {
  kind: Kind;
  subject: string;
  seconds?: number;
  reason?: string;
}

/** Numbers by squares, row by row, from the least x and z on. */
export interface Squares {
  columns: number;
  rows: number;
  counts: number[];
}

/** The bounds of a world, in world units. */
export interface Bounds {
  min_x: number;
  max_x: number;
  min_z: number;
  max_z: number;
}

/** Everybody and everything in a world, column by column: ids as differences, places in hundredths of a unit. */
export interface Dots {
  ids: number[];
  x: number[];
  z: number[];
  kinds: number[];
  hidden: number[];
}

/** A world from above. */
export interface WorldMap {
  world: string;
  tick: number;
  tick_rate: number;
  bounds: Bounds;
  columns: number;
  rows: number;
  radius: number;
  players: number;
  entities: number;
  /** Players by squares of span × span cells. */
  load: Squares & { span: number };
  dots: Dots | null;
  tiles: Squares | null;
}

/** The names of what is measured once a second. */
export type Measured =
  | "time" | "players" | "sessions" | "detached" | "lagging" | "updates" | "frames" | "messages" | "bytes_in" | "bytes_out" | "ticks"
  | "tick_mean" | "tick_p99" | "tick_max" | "tick_budget" | "late_ticks" | "tick_share" | "memory" | "goroutines" | "cpu" | "overloaded";

/** What was measured, as of now and in the last ten minutes. */
export interface Figures {
  started: string;
  last: number;
  now: Record<Measured, number>;
  totals: { closes: Record<string, number> };
  history: { numbers: number[]; columns: Partial<Record<Measured, number[]>>; closes: Record<string, number[]> };
}

/** Why an entity was sent to a player, or was not. */
export type Why =
  | "moved" | "entered" | "crossed" | "left" | "key" | "caught_up" | "traits" | "far" | "near"
  | "unchanged" | "rounded" | "tracked" | "waiting" | "outside" | "hidden" | "lagging" | "catching_up" | "absent" | "missing";

/** An entity in the view of a player, or near it. */
export interface Inspected {
  id: number;
  kind: number;
  name: string;
  x: number;
  z: number;
  cell: number;
  in_view: boolean;
  hidden: boolean;
  sent: boolean;
  why: Why;
  bytes: number;
  within: number | null;
}

/** What a player was shown in a tick. */
export interface View {
  world: string;
  tick: number;
  player: number;
  dialect: string;
  state: "current" | "catching_up" | "lagging" | "absent";
  cell: number;
  looks_from: number;
  cells: number[];
  sees_hidden: boolean;
  frame: { bytes: number; records: number; other: number; shared_by: number };
  total: number;
  entities: Inspected[];
}

/** Where a player was taken. */
export interface Teleported {
  player: number;
  world: string;
  tick: number;
  x: number;
  y: number;
  z: number;
  heading: number;
}

/** The settings that can change while the server runs. */
export type Settings = Record<string, string | number | boolean>;
