import { describe, expect, it } from 'vitest';
import { withPendingLimit } from '../../../src/delivery/with-pending-limit.ts';
import { withTimeout } from '../../../src/delivery/with-timeout.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import { accepted, manualTransport, scriptedTransport } from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';

describe('withPendingLimit', () => {
  it('turns an event away that would pass the limit, and takes the next once there is room', async () => {
    const next = manualTransport();
    const limited = withPendingLimit(next, 100);
    const context = sendContext();
    const first = limited.send(wireRequest({ bytes: 60 }), context);
    const second = limited.send(wireRequest({ bytes: 41 }), context);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'queue_full' });
    expect(limited.pendingBytes()).toBe(60);
    next.open[0]?.answer(accepted);
    await first;
    expect(limited.pendingBytes()).toBe(0);
    void limited.send(wireRequest({ bytes: 100 }), context);
    expect(limited.pendingBytes()).toBe(100);
  });
});

describe('withTimeout', () => {
  it('limits an attempt, and never beyond the deadline of the event', async () => {
    const clock = manualClock();
    const next = scriptedTransport(accepted);
    const limited = withTimeout(next, 5_000, clock);
    await clock.advance(1_000);
    await limited.send(wireRequest(), sendContext(25_000));
    await limited.send(wireRequest(), sendContext(3_000));
    expect(next.contexts.map(({ deadline }) => deadline)).toEqual([6_000, 3_000]);
  });
});
