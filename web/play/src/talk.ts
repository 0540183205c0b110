import type { Channel, Said } from "aoiworld-client";
import { limitBytes } from "../../common/src/bytes.js";
import { element, make } from "../../common/src/dom.js";
import type { Words } from "./words.js";

/** The most lines that are kept. */
const maxLines = 80;

/** What a Talk asks of the page. */
interface Asks {
  say(text: string, channel: Channel): boolean;
  longest(): number; // a text may be (bytes)
  leave(): void; // the keyboard goes back to the stage
}

/** Talk is the chat: what was said, and what one says. */
export class Talk {
  private channel: Channel = "world";
  private readonly log = element("log");
  private readonly text = element<HTMLInputElement>("text");
  private readonly button = element("channel");

  constructor(private words: Words, private readonly asks: Asks) {
    element("say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.button.addEventListener("click", () => this.toggle());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.asks.leave();
      if (event.key !== "Tab" || event.shiftKey || this.text.value === "") return; // an empty field does not hold the keyboard
      event.preventDefault();
      this.toggle();
    });
    limitBytes(this.text, () => this.asks.longest(), (size, most) => this.words.tooLong(size, most));
    this.speak(words);
  }

  /** speak changes the language. */
  speak(words: Words): void {
    this.words = words;
    element("send").textContent = words.send;
    this.show();
  }

  /** focus takes the keyboard. */
  focus(): void {
    this.text.focus();
  }

  /** hear adds what somebody said. */
  hear({ channel, name, text }: Said, mine: boolean): void {
    const line = make("li", `${channel}${mine ? " mine" : ""}`);
    line.append(make("b", "", name), document.createTextNode(` ${text}`));
    this.add(line);
  }

  /** note adds what the page or the server has to say. */
  note(text: string): void {
    this.add(make("li", "note", text));
  }

  private add(line: HTMLElement): void {
    this.log.append(line);
    while (this.log.childElementCount > maxLines) this.log.firstElementChild?.remove();
    this.log.scrollTop = this.log.scrollHeight;
  }

  private send(): void {
    const text = this.text.value.trim();
    if (text === "") return this.asks.leave();
    if (this.asks.say(text, this.channel)) this.text.value = "";
    else this.note(this.words.noConnection);
  }

  private toggle(): void {
    this.channel = this.channel === "world" ? "nearby" : "world";
    this.show();
  }

  private show(): void {
    const { channel, words } = this;
    this.button.textContent = channel === "world" ? words.world : words.nearby;
    this.button.className = channel;
    this.text.placeholder = channel === "world" ? words.toWorld : words.toNearby;
    this.text.setAttribute("aria-label", this.text.placeholder);
  }
}
