import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DROP_REASONS } from '../../../src/outcome.ts';
import type { Notice } from '../../../src/runtime/diagnostics.ts';
import { Counters, LossReport } from '../../../src/telemetry/counters.ts';
import { expectBalance } from '../../support/balance.ts';
import { manualClock } from '../../support/manual-clock.ts';

describe('Counters', () => {
  it('balances after any course of events, in the child as in the parent', () => {
    const outcome = fc.constantFrom('open', 'accepted', 'duplicate', 'filtered', ...DROP_REASONS);
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const parent = new Counters();
        const child = new Counters(parent);
        for (const each of outcomes) {
          child.emitted();
          if (each === 'filtered') child.filtered();
          else if (each === 'accepted') child.accepted({ duplicate: false });
          else if (each === 'duplicate') child.accepted({ duplicate: true });
          else if (each !== 'open') child.dropped(each);
        }
        expectBalance(child.stats());
        expect(child.stats().emitted).toBe(outcomes.length);
        expect(child.stats().inFlight).toBe(outcomes.filter((each) => each === 'open').length);
        expect(parent.stats()).toEqual(child.stats());
      }),
    );
  });

  it('gives a snapshot that later events do not change', () => {
    const counters = new Counters();
    const before = counters.stats();
    counters.emitted();
    counters.dropped('rejected');
    expect(before.emitted).toBe(0);
    expect(before.dropped.rejected).toBe(0);
  });
});

function setup() {
  const clock = manualClock();
  const notices: Notice[] = [];
  const report = new LossReport(clock, { report: (notice) => notices.push(notice) });
  return { clock, notices, report };
}

describe('LossReport', () => {
  it('tells of the first loss at once and of thousands that follow in one sentence', async () => {
    const { clock, notices, report } = setup();
    for (let count = 0; count < 5_000; count += 1) report.lost('deadline', 'timeout');
    expect(notices).toHaveLength(1);
    await clock.advance(30_000);
    report.lost('deadline', 'ECONNREFUSED');
    expect(notices).toEqual([
      { code: 'events_lost', reason: 'deadline', count: 1, detail: 'timeout' },
      { code: 'events_lost', reason: 'deadline', count: 5_000, detail: 'ECONNREFUSED' },
    ]);
  });

  it('keeps the reasons apart', () => {
    const { notices, report } = setup();
    report.lost('deadline', 'timeout');
    report.lost('rejected', 'HTTP 400');
    expect(notices).toHaveLength(2);
  });

  it('tells the rest at the end, and nothing twice', () => {
    const { notices, report } = setup();
    report.lost('shutdown', 'ended');
    report.lost('shutdown', 'ended');
    report.lost('shutdown', 'ended');
    report.flush();
    report.flush();
    expect(notices.map((notice) => 'count' in notice && notice.count)).toEqual([1, 2]);
  });
});
