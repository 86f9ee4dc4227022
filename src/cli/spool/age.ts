const UNITS: readonly (readonly [letter: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

/** A duration for a person: `3d`, `2h`, `5m`, `12s`. */
export function ageText(ms: number): string {
  for (const [letter, unit] of UNITS) if (ms >= unit) return `${Math.floor(ms / unit)}${letter}`;
  return `${Math.max(0, Math.floor(ms / 1_000))}s`;
}
