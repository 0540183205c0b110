import { limitBytes } from "../../common/src/bytes.js";
import { element, make } from "../../common/src/dom.js";
import type { News } from "../../common/src/news.js";
import { button } from "./parts.js";
import { explain, tooLong } from "./words.js";

/** A Field is something to fill in. */
export interface Field {
  name: string;
  label: string;
  kind: "text" | "number" | "choice";
  value: string;
  /** What can be chosen, and how it is called. */
  options?: readonly (readonly [value: string, label: string])[];
  /** How long a text may be (bytes). */
  maxBytes?: number;
  required?: boolean;
}

/** What was filled in, by the names of the fields. */
export type Values = Readonly<Record<string, string>>;

/** A Question asks whether something shall be done. */
export interface Question {
  title: string;
  fields?: readonly Field[];
  /** What will happen, in a sentence. */
  will: (values: Values) => string;
  /** What is on the button. */
  verb: string;
  /** Whether players lose something by it. */
  grave?: boolean;
  /** Does it, and returns what is to be told. */
  act: (values: Values) => Promise<string>;
}

/** Ask is the dialog in which everything is confirmed, and says what became of it. */
export class Ask {
  private readonly dialog = element<HTMLDialogElement>("ask");
  private question: Question | undefined;
  private values: Record<string, string> = {};
  private readonly will = make("p", "will");
  private readonly wrong = make("p", "wrong");
  private readonly go = make("button") as HTMLButtonElement;

  constructor(private readonly news: News) {
    this.wrong.setAttribute("role", "alert");
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.act();
    });
    this.dialog.addEventListener("close", () => (this.question = undefined));
  }

  /** open asks. */
  open(question: Question): void {
    this.question = question;
    this.values = Object.fromEntries((question.fields ?? []).map(({ name, value }) => [name, value]));
    const form = make("form") as HTMLFormElement;
    form.method = "dialog";
    form.autocomplete = "off";
    const cancel = button("Cancel", () => this.dialog.close());
    this.go.textContent = question.verb;
    this.go.className = question.grave ? "grave" : "main";
    this.go.disabled = false;
    const buttons = make("div", "buttons");
    buttons.append(cancel, this.go);
    const title = make("h2", "", question.title);
    title.id = "asked";
    form.append(title, ...(question.fields ?? []).map((field) => this.input(field)), this.will, this.wrong, buttons);
    this.dialog.replaceChildren(form);
    this.dialog.setAttribute("aria-labelledby", title.id);
    this.tell();
    this.dialog.showModal();
    (form.querySelector<HTMLElement>("input, select") ?? (question.grave ? cancel : this.go)).focus();
  }

  /** input returns a field's label with the field in it. */
  private input(field: Field): HTMLElement {
    const label = make("label", "", field.label);
    const input = field.kind === "choice" ? document.createElement("select") : document.createElement("input");
    if (input instanceof HTMLSelectElement) {
      input.append(...(field.options ?? []).map(([value, text]) => new Option(text, value)));
    } else {
      input.type = field.kind;
      if (field.kind === "number") input.step = "any";
    }
    input.name = field.name;
    input.value = field.value;
    input.required = field.required ?? false;
    input.addEventListener("input", () => {
      this.values[field.name] = input instanceof HTMLSelectElement ? input.value : input.value.trim(); // names may end in spaces
      this.tell();
    });
    const { maxBytes } = field;
    if (maxBytes !== undefined && input instanceof HTMLInputElement) limitBytes(input, () => maxBytes, tooLong);
    label.append(input);
    return label;
  }

  /** tell says what will happen as things are filled in. */
  private tell(): void {
    this.will.textContent = this.question?.will(this.values) ?? "";
    this.wrong.textContent = "";
  }

  private async act(): Promise<void> {
    const { question } = this;
    if (question === undefined || this.go.disabled) return;
    this.go.disabled = true;
    const open = () => this.question === question; // else the button is another question's by now
    try {
      const done = await question.act(this.values);
      if (open()) this.dialog.close();
      this.news.tell(done, "good", 8000);
    } catch (error) {
      if (!open()) return this.news.tell(explain(error), "warning", 8000);
      this.wrong.textContent = explain(error);
      this.go.disabled = false;
    }
  }
}
