import { element, make } from "./dom.js";

/** News tells what has happened, for a while. */
export class News {
  private readonly list = element("news");

  /** tell shows a line; the one before it is over. */
  tell(text: string, kind: "good" | "warning", millis = 4000): void {
    const line = make("p", kind, text);
    this.list.replaceChildren(line);
    setTimeout(() => line.remove(), millis);
  }
}
