import { expect } from 'vitest';
import type { Stats } from '../../src/telemetry/counters.ts';

/** Every event that was handed in is accounted for, under exactly one name. */
export function expectBalance(stats: Stats): void {
  const lost = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  expect(stats.accepted + stats.filtered + lost + stats.inFlight).toBe(stats.emitted);
  expect(stats.inFlight).toBeGreaterThanOrEqual(0);
  expect(stats.duplicates).toBeLessThanOrEqual(stats.accepted);
}
