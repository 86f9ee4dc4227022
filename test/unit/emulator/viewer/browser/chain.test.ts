import { describe, expect, it } from 'vitest';
import { Ledger, type LedgerEntry } from '../../../../../src/emulator/ledger.ts';
import { ChainWatch, standingOf } from '../../../../../src/emulator/viewer/browser/chain.ts';
import { sampleEvent, sealedChain } from '../../../../support/sample-requests.ts';

const META = { type: 'success', event_name: 'ação.feita', service: 'é', trace_id: 'aa', '10': 'x' };

function chainOf(length: number): LedgerEntry[] {
  const events = Array.from({ length }, (_, index) =>
    sampleEvent({
      idempotencyKey: `key-${index + 1}`,
      payload: `{"n":${index + 1},"text":"“é\u2028😀”"}`,
      meta: META,
    }),
  );
  return sealedChain(events);
}

function watch(entries: readonly LedgerEntry[]): ChainWatch {
  return new ChainWatch(
    (index) => entries[index],
    () => undefined,
  );
}

async function watched(entries: readonly LedgerEntry[]) {
  const chain = watch(entries);
  await chain.run();
  return chain.state;
}

describe('the verification of the page', () => {
  it('finds that what the ledger sealed holds', async () => {
    await expect(watched(chainOf(20))).resolves.toEqual({ verified: 20 });
  });

  it.each<[string, Partial<Record<keyof LedgerEntry | 'extra', unknown>>]>([
    ['payload', { payload: '{"n":0}' }],
    ['receivedAt', { receivedAt: '2020-01-01T00:00:00.000Z' }],
    ['meta', { meta: { ...META, service: 'forged' } }],
    ['hash', { hash: 'a'.repeat(64) }],
    ['eventName', { eventName: 'forged' }],
    ['type', { type: 'error' }],
    ['service', { service: 'forged' }],
    ['env', { env: 'forged' }],
    ['traceId', { traceId: 'bb' }],
    ['requestId', { requestId: 'forged' }],
    ['txId', { txId: 'tx_0' }],
    ['payloadHash', { payloadHash: 'b'.repeat(64) }],
    ['idempotencyKey', { idempotencyKey: 'forged' }],
    ['sequence', { sequence: 4 }],
    ['previousHash', { previousHash: 'c'.repeat(64) }],
    ['a field that was not there', { extra: 'forged' }],
  ])('finds a change of %s at its event, as the ledger does', async (_field, change) => {
    const entries = chainOf(5);
    const tampered = { ...entries[2], ...change } as LedgerEntry;
    const chain = entries.with(2, tampered);
    const state = await watched(chain);
    expect(state.verified).toBe(2);
    expect(state.broken?.index).toBe(2);
    const ledger = new Ledger({ load: () => chain, append() {}, close() {} });
    expect(ledger.verify()).toMatchObject({ ok: false, sequence: 3 });
    expect(state.broken?.reason).not.toContain('forged');
  });

  it('finds a trace id that was taken away', async () => {
    const [entry] = chainOf(1) as [LedgerEntry];
    const { traceId, ...rest } = entry;
    expect(traceId).toBe('aa');
    const broken = { index: 0, reason: 'its traceId does not match its content' };
    await expect(watched([rest])).resolves.toEqual({ verified: 0, broken });
  });

  it('finds an event that was taken out, and two that changed places', async () => {
    const entries = chainOf(5);
    await expect(watched(entries.toSpliced(1, 1))).resolves.toMatchObject({ broken: { index: 1 } });
    const [a, b, ...rest] = entries;
    const swapped = [b, a, ...rest].filter((entry) => entry !== undefined);
    await expect(watched(swapped)).resolves.toMatchObject({ broken: { index: 0 } });
  });

  it('goes on where it was, and starts anew after a reset', async () => {
    const entries = chainOf(3);
    const shown: LedgerEntry[] = entries.slice(0, 2);
    const chain = watch(shown);
    await chain.run();
    shown.push(...entries.slice(2));
    await chain.run();
    expect(chain.state).toEqual({ verified: 3 });
    chain.reset();
    shown.length = 0;
    shown.push(...chainOf(1));
    await chain.run();
    expect(chain.state).toEqual({ verified: 1 });
  });

  it('forgets what it was looking at when it is reset in the middle', async () => {
    const entries = chainOf(2);
    const chain = watch(entries);
    const running = chain.run();
    entries.length = 0;
    chain.reset();
    await running;
    expect(chain.state).toEqual({ verified: 0 });
  });

  it('says of every event how it stands', () => {
    const state = { verified: 1, broken: { index: 1, reason: 'r' } };
    expect([0, 1, 2].map((index) => standingOf(state, index))).toEqual([
      'verified',
      'broken',
      'after-broken',
    ]);
    expect(standingOf({ verified: 1 }, 1)).toBe('pending');
  });
});
