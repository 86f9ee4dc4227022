/** Numbers, words and choices that look random and are the same in every run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.between(0, choices.length - 1)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => this.pick(Array.from(alphabet))).join('');
  }

  digits(length: number): string {
    return this.text('0123456789', length);
  }

  hex(length: number): string {
    return this.text('0123456789abcdef', length);
  }

  /** Letters of both cases and digits, with at least one of each, as passwords and tokens are. */
  opaque(length: number): string {
    const [lower, upper] = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ'];
    const rest = this.text(`${lower}${upper}23456789`, length - 3);
    return this.text(upper, 1) + rest + this.text('23456789', 1) + this.text(lower, 1);
  }

  /** A number of up to 64 bits in decimal digits. */
  id64(): string {
    let value = 0n;
    for (let part = 0; part < 4; part += 1)
      value = (value << 16n) | BigInt(this.between(0, 65_535));
    return String(value);
  }

  /** Two digits, as clocks and calendars have them. */
  two(low: number, high: number): string {
    return String(this.between(low, high)).padStart(2, '0');
  }

  // mulberry32: 32 bits of state, good enough to choose test data by.
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
