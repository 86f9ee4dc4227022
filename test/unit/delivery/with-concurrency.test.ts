import { describe, expect, it } from 'vitest';
import { withConcurrency } from '../../../src/delivery/with-concurrency.ts';
import { settle } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import { accepted, manualTransport } from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';

describe('withConcurrency', () => {
  it('lets no more sends through at once than its limit', async () => {
    const next = manualTransport();
    const limited = withConcurrency(next, 2);
    const context = sendContext();
    const all = Array.from({ length: 5 }, () => limited.send(wireRequest(), context));
    expect(next.open).toHaveLength(2);
    next.open[0]?.answer(accepted);
    await settle();
    expect(next.open).toHaveLength(3);
    for (let index = 1; index < 5; index += 1) {
      next.open[index]?.answer(accepted);
      await settle();
    }
    await expect(Promise.all(all)).resolves.toHaveLength(5);
  });

  it('keeps the order in which the sends came', async () => {
    const next = manualTransport();
    const limited = withConcurrency(next, 1);
    const context = sendContext();
    const requests = Array.from({ length: 3_000 }, () => wireRequest());
    const all = requests.map((request) => limited.send(request, context));
    for (let index = 0; index < requests.length; index += 1) {
      next.open[index]?.answer(accepted);
      await Promise.resolve();
      await settle1();
    }
    await Promise.all(all);
    expect(next.open.map(({ request }) => request)).toEqual(requests);
  });

  it('turns waiting sends away without a request once their lifetime has ended', async () => {
    const next = manualTransport();
    const limited = withConcurrency(next, 1);
    const context = sendContext();
    const first = limited.send(wireRequest(), context);
    const second = limited.send(wireRequest(), context);
    context.lifetime.abort('shutdown');
    next.open[0]?.answer(accepted);
    await expect(first).resolves.toEqual(accepted);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
    expect(next.open).toHaveLength(1);
  });

  it('goes on after a transport that broke its promise and threw', async () => {
    const limited = withConcurrency({ send: () => Promise.reject(new Error('bug')) }, 1);
    await expect(limited.send(wireRequest(), sendContext())).rejects.toThrow('bug');
    await expect(limited.send(wireRequest(), sendContext())).rejects.toThrow('bug');
  });
});

/** One turn of the event loop: enough for one answer to start the next send. */
function settle1(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
