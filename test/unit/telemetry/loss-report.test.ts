import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/runtime/diagnostics.ts';
import { createLossReport } from '../../../src/telemetry/counters.ts';
import { manualClock } from '../../support/manual-clock.ts';

function setup() {
  const clock = manualClock();
  const notices: Notice[] = [];
  const report = createLossReport(clock, { report: (notice) => notices.push(notice) });
  return { clock, notices, report };
}

describe('createLossReport', () => {
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
