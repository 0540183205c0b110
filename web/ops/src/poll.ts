/** How long to wait before asking again who did not answer (ms): longer each time, up to a limit. */
const [firstPause, longestPause] = [1000, 8000];

/** What a Poll needs of the page; tests have their own. */
export interface Clock {
  after: (millis: number, call: () => void) => unknown;
  now: () => number;
}

const real: Clock = { after: (millis, call) => setTimeout(call, millis), now: () => performance.now() };

/** A Poll asks for something again and again: one question at a time, none while nobody looks, and fewer while there is no answer. */
export class Poll {
  private failures = 0;
  private asking = false;
  private turn = 0; // counts what was planned: only the last plan is carried out

  /**
   * A poll that asks every so many milliseconds while wanted says so. ask fails where there was no answer. told is told how each
   * question went: undefined is well, as is what nobody wants any more. Whoever changes what is wanted must call wake.
   */
  constructor(
    private readonly every: number, private readonly wanted: () => boolean, private readonly ask: () => Promise<void>,
    private readonly told: (error?: unknown) => void, private readonly clock: Clock = real,
  ) {}

  /** wake asks now, if that is wanted. */
  wake(): void {
    const turn = ++this.turn;
    if (!this.wanted()) this.told();
    else if (!this.asking) void this.run(turn);
  }

  private async run(turn: number): Promise<void> {
    const began = this.clock.now();
    let wrong: unknown;
    this.asking = true;
    try {
      await this.ask();
      this.failures = 0;
    } catch (error) {
      this.failures++;
      wrong = error;
    }
    this.asking = false;
    this.told(this.wanted() ? wrong : undefined);
    if (turn !== this.turn) { // somebody wants it now
      this.wake();
      return;
    }
    const pause = this.failures === 0 ? this.every : Math.min(longestPause, firstPause * 2 ** (this.failures - 1));
    this.clock.after(Math.max(20, pause - (this.clock.now() - began)), () => turn === this.turn && this.wake());
  }
}
