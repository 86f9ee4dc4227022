import { describe, expect, it } from 'vitest';
import { SourceLog } from '../../../src/delivery/spooled-delivery.ts';

const ref = (sequence: number, writer = 'w') => ({ writer, sequence });

describe('the log of sources', () => {
  it('gives each record its source once', () => {
    const log = new SourceLog();
    for (let sequence = 1; sequence <= 10_000; sequence += 1) log.put(ref(sequence), sequence);
    for (let sequence = 10_000; sequence > 0; sequence -= 1) {
      expect(log.peek(ref(sequence))).toBe(sequence);
      expect(log.take(ref(sequence))).toBe(sequence);
      expect(log.take(ref(sequence))).toBe(0);
    }
  });

  it('knows nobody for a record it was never told of', () => {
    const log = new SourceLog();
    log.put(ref(1), 7);
    expect([ref(2), ref(1, 'other'), ref(5_000)].map((each) => log.take(each))).toEqual([0, 0, 0]);
  });
});
