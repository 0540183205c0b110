import type {
  Figures, Kind, Measure, Player, Players, Sanction, Settings, Status, Teleported, View, WorldMap,
} from "./contract.js";

/** How long the server has to answer (ms). */
const patience = 8000;

/** A Problem is why something was not answered otherwise: status 0 is no answer at all. */
export class Problem extends Error {
  override name = "Problem";

  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** What sends requests: fetch, but for tests. */
export type Send = (path: string, options: RequestInit) => Promise<Response>;

/** An Api is the operator's API, as seen by whoever has a token. */
export class Api {
  constructor(private readonly token: string, private readonly send: Send = (path, options) => fetch(path, options)) {}

  status(): Promise<Status> {
    return this.ask("GET", "status");
  }

  map(world: string): Promise<WorldMap> {
    return this.ask("GET", `map?${new URLSearchParams({ world })}`);
  }

  /** figures returns what was measured after a sample. */
  figures(since: number): Promise<Figures> {
    return this.ask("GET", `figures?since=${since}`);
  }

  players(search: string, after: number, limit: number): Promise<Players> {
    const query = new URLSearchParams({ search, after: String(after), limit: String(limit) });
    return this.ask("GET", `players?${query}`);
  }

  player(id: number): Promise<Player> {
    return this.ask("GET", `players/${id}`);
  }

  view(id: number): Promise<View> {
    return this.ask("GET", `players/${id}/view`);
  }

  sanctions(what: "bans" | "mutes"): Promise<{ sanctions: Sanction[] }> {
    return this.ask("GET", what);
  }

  impose(what: "bans" | "mutes", measure: Measure): Promise<Sanction & { sessions: number }> {
    return this.ask("POST", what, measure);
  }

  lift(what: "bans" | "mutes", id: string): Promise<Sanction> {
    return this.ask("DELETE", `${what}/${encodeURIComponent(id)}`);
  }

  kick(kind: Kind, subject: string, reason: string): Promise<{ sessions: number }> {
    return this.ask("POST", "kicks", { kind, subject, reason });
  }

  announce(text: string): Promise<{ sessions: number }> {
    return this.ask("POST", "announcements", { text });
  }

  teleport(player: number, x: number, z: number): Promise<Teleported> {
    return this.ask("POST", "teleports", { player, x, z });
  }

  settings(): Promise<{ settings: Settings }> {
    return this.ask("GET", "settings");
  }

  amend(settings: Settings): Promise<{ changed: string[]; settings: Settings }> {
    return this.ask("POST", "settings", settings);
  }

  drain(): Promise<{ sessions: number }> {
    return this.ask("POST", "drain");
  }

  private async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer: Response;
    let content: unknown;
    try {
      answer = await this.send(`/admin/v1/${path}`, {
        method, headers, cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      content = parsed(await answer.text());
    } catch {
      throw new Problem(0, "unreachable", "no answer");
    }
    if (!answer.ok || content === undefined) throw problemOf(answer.status, content);
    return content as Answer;
  }
}

/** parsed returns what a text says in JSON; undefined if it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** problemOf returns what an answer says that is none. Without the server's word for it, nothing there answers to the path. */
function problemOf(status: number, content: unknown): Problem {
  const said = (content as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  if (typeof said?.code === "string") return new Problem(status, said.code, String(said.message ?? ""));
  return new Problem(status, status === 404 ? "off" : "strange", `status ${status}`);
}
