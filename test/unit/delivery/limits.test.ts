import { describe, expect, it } from 'vitest';
import { heldBytes, withConcurrency, withPendingLimit } from '../../../src/delivery/limits.ts';
import { settle } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import {
  accepted,
  manualTransport,
  quota,
  scriptedTransport,
} from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';
import { sent } from '../../support/sent.ts';

describe('withPendingLimit', () => {
  it('turns an event away that would pass the limit, and takes the next once there is room', async () => {
    const next = manualTransport();
    const limited = withPendingLimit(next, heldBytes({ bytes: 60 }) + heldBytes({ bytes: 40 }));
    const context = sendContext();
    const first = sent(limited, wireRequest({ bytes: 60 }), context);
    const second = sent(limited, wireRequest({ bytes: 41 }), context);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'queue_full' });
    expect(limited.pendingBytes()).toBe(heldBytes({ bytes: 60 }));
    next.open[0]?.answer(accepted);
    await first;
    expect(limited.pendingBytes()).toBe(0);
    void sent(limited, wireRequest({ bytes: 100 }), context);
    expect(limited.pendingBytes()).toBe(heldBytes({ bytes: 100 }));
  });
});

describe('withConcurrency', () => {
  it('lets no more sends through at once than its limit', async () => {
    const next = manualTransport();
    const limited = withConcurrency(next, 2);
    const context = sendContext();
    const all = Array.from({ length: 5 }, () => sent(limited, wireRequest(), context));
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
    const all = requests.map((request) => sent(limited, request, context));
    for (let index = 0; index < requests.length; index += 1) {
      next.open[index]?.answer(accepted);
      await Promise.resolve();
      await settle1();
    }
    await Promise.all(all);
    expect(next.open.map(({ request }) => request)).toEqual(requests);
  });

  it('turns waiting sends away without a request once their scope has ended', async () => {
    const next = manualTransport();
    const limited = withConcurrency(next, 1);
    const context = sendContext();
    const first = sent(limited, wireRequest(), context);
    const second = sent(limited, wireRequest(), context);
    context.scope.abort('shutdown');
    next.open[0]?.answer(accepted);
    await expect(first).resolves.toEqual(accepted);
    await expect(second).resolves.toMatchObject({ kind: 'dropped', reason: 'shutdown' });
    expect(next.open).toHaveLength(1);
  });

  it('answers ten thousand waiting sends that end at once, without going deeper for each', async () => {
    const next = manualTransport();
    let refusing = false;
    const refused = scriptedTransport(quota());
    const limited = withConcurrency(
      {
        send(event) {
          (refusing ? refused : next).send(event);
        },
      },
      1,
    );
    const context = sendContext();
    const all = Array.from({ length: 10_000 }, () => sent(limited, wireRequest(), context));
    refusing = true;
    next.open[0]?.answer(accepted);
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'quota')).toHaveLength(9_999);
  });
});

/** One turn of the event loop: enough for one answer to start the next send. */
function settle1(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
