/** A Latest has only the last of several questions count: the answers of those before it come too late. */
export class Latest {
  private asked = 0;

  /** next begins a question. What it returns reports whether that is still the last one. */
  next(): () => boolean {
    const mine = ++this.asked;
    return () => mine === this.asked;
  }
}
