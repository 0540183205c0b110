/** For how long nobody types before it is searched (ms). */
const pause = 200;

/** A Typing tells when somebody has typed into a field, and has stopped for a moment. */
export class Typing {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(field: HTMLInputElement, stopped: () => void) {
    field.addEventListener("input", () => {
      this.forget();
      this.timer = setTimeout(stopped, pause);
    });
  }

  /** forget tells nothing of what was typed until now. */
  forget(): void {
    clearTimeout(this.timer);
  }
}
