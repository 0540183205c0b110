import { element } from "../../common/src/dom.js";

/** A Door is where one signs in, and reads why one was not let in. */
export class Door {
  private readonly dialog = element<HTMLDialogElement>("door");
  private readonly token = element<HTMLInputElement>("token");
  private readonly button = element<HTMLButtonElement>("enter");

  constructor(enter: (token: string) => void) {
    this.dialog.addEventListener("cancel", (event) => event.preventDefault()); // for browsers that do not know closedby
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.token.value.trim();
      if (token !== "" && !this.button.disabled) enter(token);
    });
  }

  /** open shows the door, and why one is out. */
  open(why = ""): void {
    const reason = element("why");
    reason.textContent = why;
    reason.hidden = why === "";
    this.button.disabled = false;
    if (!this.dialog.open) this.dialog.showModal();
    this.token.focus();
    this.token.select();
  }

  /** wait shows that one is being let in. */
  wait(): void {
    this.button.disabled = true;
  }

  /** close lets one in. The field does not keep the token. */
  close(): void {
    this.token.value = "";
    this.dialog.close();
  }
}
