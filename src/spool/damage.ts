import type { DamagedRange } from './scan.ts';

/** A stretch of a file that is no frame, with its bytes. */
export interface Damage {
  readonly from: number;
  readonly bytes: Buffer;
  /** It is at the end and simply stops: a write that was cut off. */
  readonly torn: boolean;
}

/** Puts damaged ranges together that windows have cut. */
export interface DamageLog {
  /** A range of a window that begins at `at`. */
  add(at: number, window: Buffer, range: DamagedRange): void;
  /** All of them, in order. */
  all(): readonly Damage[];
}

interface Growing {
  readonly from: number;
  to: number;
  readonly pieces: Buffer[];
  torn: boolean;
}

function isBlank(pieces: readonly Buffer[]): boolean {
  return pieces.every((piece) => piece.every((byte) => byte === 0));
}

/** Makes an empty one. */
export function createDamageLog(): DamageLog {
  const ranges: Growing[] = [];
  return {
    add(at, window, { from, to, torn }) {
      const last = ranges.at(-1);
      const piece = window.subarray(from, to);
      if (last?.to === at + from) {
        last.pieces.push(piece);
        last.to = at + to;
        // Zeros at the end of a file are a write that was cut off, however many there are.
        last.torn = torn && isBlank(last.pieces);
      } else ranges.push({ from: at + from, to: at + to, pieces: [piece], torn });
    },
    all: () =>
      ranges.map(({ from, pieces, torn }) => ({ from, bytes: Buffer.concat(pieces), torn })),
  };
}
