import { element } from "../../common/src/dom.js";
import type { Api } from "./api.js";
import type { Ask } from "./ask.js";
import { lifting, sanctioningAnybody } from "./measures.js";
import { button, row } from "./parts.js";
import { about, until } from "./words.js";

/** Sanctions lists bans and mutes. */
export class Sanctions {
  constructor(private readonly api: () => Api | undefined, private readonly ask: Ask, private readonly failed: (error: unknown) => void) {
    for (const what of ["bans", "mutes"] as const) {
      element(`add-${what}`).addEventListener("click", () => {
        const api = this.api();
        if (api === undefined) return;
        const question = sanctioningAnybody(api, what);
        this.ask.open({ ...question, act: (values) => question.act(values).finally(() => void this.refresh()) });
      });
    }
  }

  /** refresh asks for the lists again. */
  async refresh(): Promise<void> {
    try {
      await Promise.all([this.list("bans"), this.list("mutes")]);
    } catch (error) {
      this.failed(error);
    }
  }

  private async list(what: "bans" | "mutes"): Promise<void> {
    const api = this.api();
    if (api === undefined) return;
    const { sanctions } = await api.sanctions(what);
    element(`no-${what}`).hidden = sanctions.length > 0;
    element(what).replaceChildren(...sanctions.map((one) => row([
      about(one), until(one.until), one.reason || "–", one.by, new Date(one.created).toLocaleString(),
      button("Lift …", () => this.ask.open(lifting(api, what, one, () => void this.refresh()))),
    ])));
  }
}
