/** Bits reads numbers of any width, the most significant bit first. Beyond the end everything is -1. */
export class Bits {
  private at = 0;
  private left = 0; // bits of the byte before `at`

  /** Whether something was asked for that was not there. */
  short = false;

  constructor(private readonly bytes: Uint8Array) {}

  /** read reads 0 to 32 bits, or returns -1 when there are not so many; nothing can follow then. */
  read(width: number): number {
    let value = 0;
    while (width > 0) {
      if (this.left === 0) {
        if (this.at >= this.bytes.length) {
          this.short = true;
          return -1;
        }
        this.at++;
        this.left = 8;
      }
      const part = Math.min(width, this.left);
      this.left -= part;
      width -= part;
      value = value * (1 << part) + (((this.bytes[this.at - 1] ?? 0) >> this.left) & ((1 << part) - 1));
    }
    return value;
  }

  /** unary reads how many zeros there are before a 1, or returns -1 at the end. */
  unary(): number {
    for (let zeros = 0; ; zeros++) {
      const bit = this.read(1);
      if (bit !== 0) return bit < 0 ? -1 : zeros;
    }
  }

  /** gamma reads an Elias gamma code, a number from 1 upwards; 0 is the end. */
  gamma(): number {
    let zeros = 0;
    for (let bit = this.read(1); bit !== 1; bit = this.read(1)) {
      if (bit < 0 || ++zeros > 32) return 0;
    }
    const rest = this.read(zeros);
    return rest < 0 ? 0 : 2 ** zeros + rest;
  }
}
