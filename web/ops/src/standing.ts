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
    const text = first ?? "Live";
    this.output.className = first === undefined ? "good" : "waiting";
    if (this.output.textContent !== text) this.output.textContent = text;
  }
}
