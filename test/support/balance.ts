import { expect } from 'vitest';
import type { Stats } from '../../src/telemetry/counters.ts';

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Every event that was handed in is accounted for, under exactly one name. */
export function expectBalance(stats: Stats): void {
  const { accepted, filtered, spooled, quarantined, inFlight } = stats;
  const settled = accepted + filtered + spooled + quarantined;
  const total = settled + sum(stats.parked) + sum(stats.dropped) + inFlight;
  expect(total).toBe(stats.emitted);
  expect(Math.min(inFlight, spooled, accepted, quarantined)).toBeGreaterThanOrEqual(0);
  expect(stats.duplicates).toBeLessThanOrEqual(accepted);
}
