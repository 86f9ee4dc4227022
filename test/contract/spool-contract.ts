import { expect, it } from 'vitest';
import type { Spool, SpoolEntry, SpooledRecord } from '../../src/spool/spool.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { bodyOf } from '../support/requests.ts';

const keysOf = (records: readonly SpooledRecord[]): readonly string[] =>
  records.map(({ idempotencyKey }) => idempotencyKey);

const keys = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `key-${index}`);

async function storeAll(spool: Spool, names: readonly string[]): Promise<void> {
  const results = await Promise.all(names.map((name) => spool.store(spoolEntry(name))));
  expect(results.map(({ kind }) => kind)).toEqual(names.map(() => 'stored'));
}

async function claimOne(spool: Spool): Promise<SpooledRecord> {
  const [record] = await spool.claim(1);
  if (record === undefined) throw new Error('there is nothing to claim');
  return record;
}

/** What every spool does, wherever it keeps its records. */
export function spoolContract(open: () => Spool): void {
  it.each([
    ['text of one byte a character', 'plain'],
    ['text of several bytes a character', 'ação → 🔐 \u{10ffff}'],
    ['what looks like a frame', 'ILF1\u0000\u0000\u0000\u0000ILS1'],
    ['an empty text', ''],
  ])('gives back byte for byte: %s', async (_, text) => {
    const spool = open();
    const body = JSON.stringify({ payload: text });
    const entry: SpoolEntry = {
      idempotencyKey: 'the key',
      requestId: 'the request',
      ...bodyOf(body),
    };
    await spool.store(entry);
    const record = await claimOne(spool);
    expect(Buffer.from(record.body).toString()).toBe(body);
    expect(record).toMatchObject({ idempotencyKey: 'the key', requestId: 'the request' });
    await spool.close();
  });

  it('hands records out in the order in which they were stored', async () => {
    const spool = open();
    await storeAll(spool, keys(50));
    await storeAll(spool, ['last']);
    expect(keysOf(await claimAll(spool))).toEqual([...keys(50), 'last']);
    await spool.close();
  });

  it('numbers records from 1 without a gap', async () => {
    const spool = open();
    const first = await spool.store(spoolEntry('first'));
    const rest = await Promise.all(keys(3).map((key) => spool.store(spoolEntry(key))));
    const numbers = [1, 2, 3, 4].map((sequence) => ({ ref: { sequence } }));
    expect([first, ...rest]).toMatchObject(numbers);
    expect(await claimAll(spool)).toMatchObject(numbers);
    await spool.close();
  });

  it('hands out no more than it is asked for, and nothing twice', async () => {
    const spool = open();
    await storeAll(spool, keys(5));
    expect(keysOf(await spool.claim(2))).toEqual(keys(2));
    expect(await claimAll(spool)).toHaveLength(3);
    expect(await spool.claim(2)).toEqual([]);
    await spool.close();
  });

  it('hands out nothing twice to those who claim at once', async () => {
    const spool = open();
    await storeAll(spool, keys(30));
    const parts = await Promise.all([spool.claim(10), spool.claim(10), spool.claim(10)]);
    expect(keysOf(parts.flat())).toEqual(keys(30));
    await spool.close();
  });

  it('goes on with what is stored after it was empty', async () => {
    const spool = open();
    expect(await spool.claim(1)).toEqual([]);
    await storeAll(spool, ['one']);
    expect(keysOf(await claimAll(spool))).toEqual(['one']);
    await storeAll(spool, ['two']);
    expect(keysOf(await claimAll(spool))).toEqual(['two']);
    await spool.close();
  });

  it('counts what is not acknowledged, and an acknowledgement once', async () => {
    const spool = open();
    expect(spool.stats().events).toBe(0);
    await storeAll(spool, keys(3));
    const { ref } = await claimOne(spool);
    expect(spool.stats().events).toBe(3);
    spool.acknowledge(ref);
    spool.acknowledge(ref);
    expect(spool.stats().events).toBe(2);
    await spool.close();
  });

  it('acknowledges what it puts into quarantine', async () => {
    const spool = open();
    await storeAll(spool, keys(2));
    const record = await claimOne(spool);
    expect(await spool.quarantine({ record, status: 422, reason: 'unknown trail' })).toBe(true);
    expect(spool.stats()).toMatchObject({ events: 1, quarantined: 1 });
    await spool.close();
  });

  it('has stored everything that was handed in once it is settled', async () => {
    const spool = open();
    const stores = keys(20).map((key) => spool.store(spoolEntry(key)));
    await spool.settled();
    expect(spool.stats().events).toBe(20);
    await Promise.all(stores);
    await spool.close();
  });

  it('takes nothing after it was closed, and closes once', async () => {
    const spool = open();
    await storeAll(spool, ['one']);
    await spool.close();
    await spool.close();
    expect(await spool.store(spoolEntry('two'))).toMatchObject({ kind: 'closed' });
  });
}
