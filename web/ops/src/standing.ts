import { element } from "../../common/src/dom.js";

/** A Standing says how the page stands with the server: what is wrong of what it asks for, or that nothing is. */
export class Standing {
  private readonly output = element("standing");
  private readonly wrong = new Map<string, string>();

  /** tell says what is wrong with a question of a name; undefined is nothing. */
  tell(question: string, wrong?: string): void {
    if (wrong === undefined) this.wrong.delete(question);
    else this.wrong.set(question, wrong);
    const [first] = this.wrong.values();
    this.show(first === undefined ? "good" : "waiting", first ?? "Live");
  }

  /** out says that nobody is signed in. */
  out(): void {
    this.wrong.clear();
    this.show("bad", "Not connected");
  }

  private show(state: "good" | "waiting" | "bad", text: string): void {
    this.output.className = state;
    if (this.output.textContent !== text) this.output.textContent = text;
  }
}
