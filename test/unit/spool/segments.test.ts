import { beforeEach, describe, expect, it } from 'vitest';
import { HEADER_BYTES, frameBytes } from '../../../src/spool/segment-format.ts';
import type { Spool } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { FaultyFiles } from '../../support/faulty-files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

/** A record and its acknowledgement. */
const RECORD_BYTES = frameBytes(spoolEntry('k10')) + 12;

let files: FaultyFiles;
let liveness: FakeLiveness;
let clock: ManualClock;

beforeEach(() => {
  files = faultyFiles();
  liveness = fakeLiveness();
  clock = manualClock();
});

const open = (limits: { segmentBytes?: number; maxBytes?: number } = {}, writer = 'a'): Spool =>
  simulatedSpool({ files, liveness, clock, writer, ...limits });

async function kindsOf(spool: Spool, keys: readonly string[]): Promise<readonly string[]> {
  const results = await Promise.all(keys.map((key) => spool.store(spoolEntry(key))));
  return results.map(({ kind }) => kind);
}

const keys = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `k${index + 10}`);

/** What the files of all writers take. */
async function bytesOnDisk(): Promise<number> {
  let bytes = 0;
  for (const writer of await files.list('/spool/v1')) {
    for (const name of await files.list(`/spool/v1/${writer}`)) {
      bytes += (await files.identity(`/spool/v1/${writer}/${name}`))?.size ?? 0;
    }
  }
  return bytes;
}

describe('the cap on the bytes of a spool', () => {
  const SIZES = Array.from({ length: 30 }, (_, index) => 400 + index * 37);

  it.each(SIZES)(
    'of %d is never passed, neither by heads nor by acknowledgements',
    async (maxBytes) => {
      const spool = open({ maxBytes, segmentBytes: 350 });
      const kinds: string[] = [];
      for (let round = 0; round < 20; round += 1) {
        kinds.push(...(await kindsOf(spool, keys(3))));
        expect(await bytesOnDisk()).toBeLessThanOrEqual(maxBytes);
      }
      expect(kinds).toContain('stored');
      expect(kinds.at(-1)).toBe('full');
      for (const { ref } of await claimAll(spool)) {
        spool.acknowledge(ref);
        await clock.advance(50);
        expect(await bytesOnDisk()).toBeLessThanOrEqual(maxBytes);
      }
    },
  );

  it('leaves no room unused that a record would fit into', async () => {
    const maxBytes = HEADER_BYTES + 5 * RECORD_BYTES;
    expect(await kindsOf(open({ maxBytes }), keys(6))).toEqual([
      ...Array.from({ length: 5 }, () => 'stored'),
      'full',
    ]);
  });

  it('refuses a record for which one byte is missing', async () => {
    const maxBytes = HEADER_BYTES + RECORD_BYTES;
    expect(await kindsOf(open({ maxBytes: maxBytes - 1 }), keys(1))).toEqual(['full']);
    expect(await kindsOf(open({ maxBytes }, 'b'), keys(1))).toEqual(['stored']);
  });

  it('is not passed by another attempt after a failed sync', async () => {
    const maxBytes = HEADER_BYTES + 3 * RECORD_BYTES;
    const spool = open({ maxBytes });
    expect(await kindsOf(spool, keys(2))).toEqual(['stored', 'stored']);
    files.failNext({ operation: 'sync', code: 'EIO', pathEnd: '.seg' });
    // There is room for the record, but not for the head of the other file that it would take.
    expect(await kindsOf(spool, ['k12'])).toEqual(['full']);
    expect(spool.stats().bytes).toBeLessThanOrEqual(maxBytes);
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await clock.advance(50);
    expect(await kindsOf(spool, ['k13'])).toEqual(['stored']);
  });

  it('counts the record that is being stored, and those that are not written yet', async () => {
    const spool = open({ maxBytes: 1_000 });
    const kinds = await kindsOf(
      spool,
      Array.from({ length: 20 }, (_, index) => `key-${index}`),
    );
    const stored = kinds.filter((kind) => kind === 'stored').length;
    expect(stored).toBeGreaterThan(3);
    expect(kinds.slice(stored)).toEqual(Array.from({ length: 20 - stored }, () => 'full'));
    expect(spool.stats().bytes).toBeLessThanOrEqual(1_000);
  });

  it.each([500, 5_000, 100_000])(
    'of %d bytes is met no more once all is delivered',
    async (maxBytes) => {
      const spool = open({ maxBytes });
      for (let round = 0; round < 3; round += 1) {
        const kinds: string[] = [];
        while (kinds.at(-1) !== 'full') kinds.push(...(await kindsOf(spool, [`k${kinds.length}`])));
        for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
        expect(await kindsOf(spool, ['tells that it is full'])).toEqual(['full']);
        await clock.advance(50);
        expect(await kindsOf(spool, ['fits'])).toEqual(['stored']);
        for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
      }
      expect(spool.stats().events).toBe(0);
    },
  );

  it('counts what was taken over', async () => {
    const first = open({ maxBytes: 1_000 });
    await kindsOf(first, ['one', 'two', 'three', 'four', 'five']);
    liveness.killAll();
    const second = open({ maxBytes: 1_000 }, 'b');
    await second.adopt();
    expect(second.stats().bytes).toBeGreaterThan(500);
    const kinds = await kindsOf(second, ['six', 'seven', 'eight', 'nine', 'ten', 'eleven']);
    expect(kinds.filter((kind) => kind === 'full').length).toBeGreaterThan(2);
  });
});

describe('a record that is larger than a segment', () => {
  it('is stored and given back in its turn', async () => {
    const spool = open({ segmentBytes: 200 });
    const large = spoolEntry('large', 5_000);
    await spool.store(spoolEntry('one'));
    expect(await spool.store(large)).toMatchObject({ kind: 'stored' });
    await spool.store(spoolEntry('two'));
    const records = await claimAll(spool);
    expect(records.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one', 'large', 'two']);
    expect(records[1]?.body.byteLength).toBe(large.bytes);
  });
});

describe('acknowledging', () => {
  const KEYS = ['one', 'two', 'three'];

  async function filled(segmentBytes?: number): Promise<Spool> {
    const spool = simulatedSpool({ files, clock, segmentBytes });
    for (const key of KEYS) await spool.store(spoolEntry(key));
    return spool;
  }

  const filesLeft = (): Promise<readonly string[]> => files.list('/spool/v1/w001');

  it('is written for many at once, after 50 ms, and never synced', async () => {
    const spool = await filled();
    const { length } = files.effects;
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await clock.advance(49);
    expect(files.effects).toHaveLength(length);
    await clock.advance(1);
    expect(files.effects.slice(length).map(({ kind }) => kind)).toEqual(['create', 'write']);
  });

  it('removes a file, and its acknowledgements, once all of it is delivered', async () => {
    const spool = await filled(1);
    const records = await claimAll(spool);
    for (const { ref } of records.slice(0, 2)) spool.acknowledge(ref);
    await clock.advance(50);
    expect(await filesLeft()).toEqual(['00000003.seg']);
  });

  it('removes what was written of its acknowledgements with a file', async () => {
    const spool = await filled(300);
    const records = await claimAll(spool);
    for (const { ref } of records.slice(0, 2)) spool.acknowledge(ref);
    await clock.advance(50);
    expect(await filesLeft()).toEqual(['00000001.seg', '00000001.ack']);
    for (const { ref } of records.slice(2)) spool.acknowledge(ref);
    await clock.advance(50);
    expect(await filesLeft()).toEqual([]);
  });

  it('removes a file on a disk that takes no acknowledgements any more', async () => {
    const spool = await filled();
    const records = await claimAll(spool);
    files.failNext({ operation: 'create', code: 'ENOSPC', pathEnd: '.ack', times: 100 });
    for (const { ref } of records.slice(0, 2)) spool.acknowledge(ref);
    await clock.advance(50);
    for (const { ref } of records.slice(2)) spool.acknowledge(ref);
    await spool.close();
    expect(await files.list('/spool/v1')).toEqual([]);
  });

  it('tries again to remove a file that could not be removed', async () => {
    const spool = await filled(1);
    const records = await claimAll(spool);
    files.failNext({ operation: 'unlink', code: 'EBUSY', pathEnd: '00000001.seg' });
    for (const { ref } of records) spool.acknowledge(ref);
    await clock.advance(50);
    expect(await filesLeft()).toEqual(['00000001.seg', '00000001.ack']);
    await spool.close();
    expect(await files.list('/spool/v1')).toEqual([]);
  });

  it('says of a file that can never be removed what was delivered, so that it is not sent again', async () => {
    const first = simulatedSpool({ files, clock, liveness, writer: 'a' });
    for (const key of ['one', 'two']) await first.store(spoolEntry(key));
    files.failNext({ operation: 'unlink', code: 'EIO', pathEnd: '.seg', times: Infinity });
    for (const { ref } of await claimAll(first)) first.acknowledge(ref);
    expect(await claimAll(first)).toEqual([]);
    await first.close();
    liveness.killAll();
    const second = simulatedSpool({ files, clock, liveness, writer: 'b' });
    expect(await second.adopt()).toBe(0);
    expect(await claimAll(second)).toEqual([]);
    files.heal();
    await second.close();
    expect(await files.list('/spool/v1')).toEqual([]);
  });

  it('leaves nothing behind when all is delivered and the spool is closed', async () => {
    const spool = await filled();
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    expect(await files.list('/spool/v1')).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
