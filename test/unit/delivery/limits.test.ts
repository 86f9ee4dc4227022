import { describe, expect, it } from 'vitest';
import { heldBytes, withPendingLimit } from '../../../src/delivery/limits.ts';
import { wireRequest } from '../../support/requests.ts';
import { accepted, manualTransport } from '../../support/scripted-transport.ts';
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
