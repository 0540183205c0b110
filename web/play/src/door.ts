import { limitBytes } from "../../common/src/bytes.js";
import { element, make } from "../../common/src/dom.js";
import type { Words } from "./words.js";

/** The longest name that a server takes (bytes). */
const longestName = 64;

/** Door is what one comes in by, and is told why one is out. */
export class Door {
  private readonly dialog = element<HTMLDialogElement>("door");
  private readonly name = element<HTMLInputElement>("name");
  private readonly button = element<HTMLButtonElement>("join");
  private before = false; // whether one has been in

  constructor(private words: Words, join: (name: string) => void) {
    this.name.value = localStorage.getItem("name") ?? "";
    limitBytes(this.name, () => longestName, (size, most) => this.words.tooLong(size, most));
    this.dialog.addEventListener("cancel", (event) => event.preventDefault()); // for browsers that do not know closedby
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      localStorage.setItem("name", this.name.value.trim());
      join(this.name.value.trim());
    });
  }

  /** speak changes the language. */
  speak(words: Words): void {
    this.words = words;
    for (const [id, text] of [["lead", words.lead], ["label", words.name], ["language", words.language]] as const) {
      element(id).textContent = text;
    }
    this.name.placeholder = words.anonymous;
    this.button.textContent = this.before ? words.again : words.join;
    element("hints").replaceChildren(...words.hints.map((hint) => make("li", "", hint)));
  }

  /** open shows the door, and why one is out. */
  open(why = ""): void {
    const reason = element("why");
    reason.textContent = why;
    reason.hidden = why === "";
    this.button.disabled = false;
    this.button.textContent = this.before ? this.words.again : this.words.join;
    if (!this.dialog.open) this.dialog.showModal();
    this.name.focus();
  }

  /** wait shows that one is being let in. */
  wait(): void {
    this.button.disabled = true;
    this.button.textContent = this.words.joining;
  }

  /** close lets one in. */
  close(): void {
    this.before = true;
    this.dialog.close();
  }
}
