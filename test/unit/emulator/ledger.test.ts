import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChainVerdict, LedgerEntry } from '../../../src/emulator/ledger.ts';
import { Ledger } from '../../../src/emulator/ledger.ts';
import { META, NOON, sampleEvent } from '../../support/sample-requests.ts';

function ledgerOf(count: number): Ledger {
  const ledger = new Ledger();
  for (let n = 1; n <= count; n += 1) {
    const meta = { ...META, env: 'test', request_id: `r-${n}`, trace_id: `t-${n}` };
    ledger.append(
      sampleEvent({ idempotencyKey: `key-${n}`, payload: `{"n":${n}}`, meta }),
      NOON + n,
    );
  }
  return ledger;
}

function entryAt(ledger: Ledger, index: number): LedgerEntry {
  const entry = ledger.entries()[index];
  if (entry === undefined) throw new Error('the ledger is shorter than that');
  return entry;
}

/** What a ledger says of its chain that reads these entries from its store. */
function verifyChain(entries: readonly LedgerEntry[]): ChainVerdict {
  return new Ledger({ load: () => entries, append() {}, close() {} }).verify();
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

describe('the ledger', () => {
  it('chains from 64 zeros, by the documented text', () => {
    const ledger = new Ledger();
    ledger.append(sampleEvent(), NOON);
    const [entry] = ledger.entries();
    const text = `[1,"${'0'.repeat(64)}","2026-11-23T15:00:00.000Z","key-1","{\\"user_id\\":\\"usr_1\\"}",[["event_name","user.created"],["service","billing"],["type","success"]]]`;
    expect(entry?.hash).toBe(sha256(text));
    expect(entry?.txId).toBe(`tx_${sha256(text).slice(0, 32)}`);
    expect(entry?.payloadHash).toBe(sha256('{"user_id":"usr_1"}'));
  });

  it('links every entry to the one before', () => {
    const entries = ledgerOf(3).entries();
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(entries.slice(1).map(({ previousHash }) => previousHash)).toEqual(
      entries.slice(0, -1).map(({ hash }) => hash),
    );
  });

  it('reads the columns of an entry out of meta', () => {
    const ledger = new Ledger();
    ledger.append(sampleEvent({ meta: { ...META, environment: 'staging' } }), NOON);
    expect(ledger.entries()[0]).toMatchObject({
      eventName: 'user.created',
      type: 'success',
      service: 'billing',
      env: 'staging',
      requestId: 'key-1',
    });
    expect(ledger.entries()[0]).not.toHaveProperty('traceId');
    expect(ledgerOf(1).entries()[0]).toMatchObject({
      env: 'test',
      requestId: 'r-1',
      traceId: 't-1',
    });
  });

  it('takes an event under one key once', () => {
    const ledger = new Ledger();
    const first = ledger.append(sampleEvent(), NOON);
    const second = ledger.append(sampleEvent(), NOON + 5);
    expect(first.kind).toBe('sealed');
    expect(second).toEqual({ kind: 'repeated', entry: ledger.entries()[0] });
    expect(ledger.entries()).toHaveLength(1);
  });

  it.each([
    ['payload', sampleEvent({ payload: '{}' })],
    ['meta', sampleEvent({ meta: { ...META, env: 'x' } })],
    [
      'order of meta',
      sampleEvent({ meta: { service: 'billing', event_name: 'user.created', type: 'success' } }),
    ],
  ])('finds a conflict when the same key comes with another %s', (_part, other) => {
    const ledger = new Ledger();
    ledger.append(sampleEvent(), NOON);
    expect(ledger.append(other, NOON)).toEqual({ kind: 'conflict' });
    expect(ledger.entries()).toHaveLength(1);
  });

  it('adds nothing when its store fails, and goes on when the store does', () => {
    let full = true;
    const ledger = new Ledger({
      load: () => [],
      append() {
        if (full) throw new Error('ENOSPC');
      },
      close() {},
    });
    expect(ledger.append(sampleEvent(), NOON)).toEqual({ kind: 'failed' });
    expect(ledger.entries()).toEqual([]);
    full = false;
    expect(ledger.append(sampleEvent(), NOON).kind).toBe('sealed');
    expect(ledger.verify().ok).toBe(true);
  });

  it('gives out copies and frozen entries', () => {
    const ledger = ledgerOf(1);
    const [entry] = ledger.entries();
    expect(Object.isFrozen(entry)).toBe(true);
    expect(Object.isFrozen(entry?.meta)).toBe(true);
    expect(ledger.entries()).not.toBe(ledger.entries());
  });
});

describe('verifying a chain', () => {
  it('finds an empty chain right, with the genesis as its head', () => {
    expect(new Ledger().verify()).toEqual({ ok: true, events: 0, head: '0'.repeat(64) });
  });

  it('gives the newest hash as head', () => {
    const ledger = ledgerOf(4);
    expect(ledger.verify()).toEqual({ ok: true, events: 4, head: ledger.entries()[3]?.hash });
  });

  it('finds a change of any field of any entry at its place', () => {
    const entries = ledgerOf(5).entries();
    const fields = Object.keys(entries[0] ?? {});
    expect(fields).toHaveLength(15);
    fc.assert(
      fc.property(fc.nat(4), fc.constantFrom(...fields), fc.string(), (index, field, text) => {
        const tampered = entries.map((entry, at) =>
          at === index ? change(entry, field, text) : entry,
        );
        expect(verifyChain(tampered)).toMatchObject({ ok: false, sequence: index + 1 });
      }),
    );
  });

  it('finds a change of any key or value of meta', () => {
    const ledger = ledgerOf(2);
    const [first, second] = [entryAt(ledger, 0), entryAt(ledger, 1)];
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, value) => {
        fc.pre(second.meta[key] !== value);
        const tampered = [first, { ...second, meta: { ...second.meta, [key]: value } }];
        expect(verifyChain(tampered)).toMatchObject({ ok: false, sequence: 2 });
      }),
    );
  });

  it('finds an entry that was taken out, doubled or moved', () => {
    const ledger = ledgerOf(3);
    const [a, b, c] = [entryAt(ledger, 0), entryAt(ledger, 1), entryAt(ledger, 2)];
    expect(verifyChain([a, c])).toMatchObject({ ok: false, sequence: 2 });
    expect(verifyChain([b, c])).toMatchObject({ ok: false, sequence: 1 });
    expect(verifyChain([a, b, b, c])).toMatchObject({ ok: false, sequence: 3 });
    expect(verifyChain([a, c, b])).toMatchObject({ ok: false, sequence: 2 });
  });

  it('finds a field that was added, and a trace id that was taken away', () => {
    const entry = entryAt(ledgerOf(1), 0);
    const added = { ...entry, note: 'x' };
    expect(verifyChain([added])).toMatchObject({ ok: false, sequence: 1 });
    const { traceId: _gone, ...rest } = entry;
    expect(verifyChain([rest])).toMatchObject({ ok: false, sequence: 1 });
  });

  it('finds an entry that was sealed anew, by the one after it', () => {
    const ledger = ledgerOf(2);
    const [a, b] = [entryAt(ledger, 0), entryAt(ledger, 1)];
    const forger = new Ledger();
    forger.append({ ...a, payload: '{"n":9}' }, NOON + 1);
    expect(verifyChain([...forger.entries(), b])).toMatchObject({
      ok: false,
      sequence: 2,
      reason: 'previousHash is not the hash before',
    });
  });
});

function change(entry: LedgerEntry, field: string, text: string): LedgerEntry {
  if (field === 'sequence') return { ...entry, sequence: entry.sequence + text.length + 1 };
  if (field === 'meta') return { ...entry, meta: { ...entry.meta, note: text } };
  const before = new Map<string, unknown>(Object.entries(entry)).get(field);
  return { ...entry, [field]: `${text}${String(before)}!` };
}
