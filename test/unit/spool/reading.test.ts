import { beforeEach, describe, expect, it } from 'vitest';
import type { Spool, SpoolEntry } from '../../../src/spool/spool.ts';
import type { FaultyFiles } from '../../support/faulty-files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';
import { bodyOf } from '../../support/requests.ts';

let files: FaultyFiles;
let clock: ManualClock;

beforeEach(() => {
  files = faultyFiles();
  clock = manualClock();
});

const open = (segmentBytes?: number): Spool => simulatedSpool({ files, clock, segmentBytes });

const KEYS = ['one', 'two', 'three'];

async function filled(segmentBytes?: number): Promise<Spool> {
  const spool = open(segmentBytes);
  for (const key of KEYS) await spool.store(spoolEntry(key));
  return spool;
}

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

const filesLeft = (): Promise<readonly string[]> => files.list('/spool/v1/w001');

describe('reading', () => {
  it('gives records that are larger than what is read at once', async () => {
    const spool = open();
    const bodies = [700_000, 10, 300_000].map((size) => 'x'.repeat(size));
    const entries = bodies.map((body, index): SpoolEntry => ({
      ...spoolEntry(`k${index}`),
      ...bodyOf(body),
    }));
    for (const entry of entries) await spool.store(entry);
    const records = await claimAll(spool);
    expect(records.map(({ body }) => body.byteLength)).toEqual([700_000, 10, 300_000]);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM'])(
    'waits where the process lacks something just now (%s), and loses nothing',
    async (code) => {
      const spool = await filled();
      files.failNext({ operation: 'open', code, pathEnd: '.seg' });
      expect(await spool.claim(10)).toEqual([]);
      expect(await keysOf(spool)).toEqual(KEYS);
      expect(spool.stats().corruptRanges).toBe(0);
    },
  );

  it('gives nothing where nothing is asked for, and everything later', async () => {
    const spool = simulatedSpool({ files: simulatedFiles() });
    await spool.store(spoolEntry('one'));
    expect(await spool.claim(0)).toEqual([]);
    expect(await claimAll(spool)).toHaveLength(1);
  });

  it('passes over a file that cannot be read, counts it and never deletes it', async () => {
    const spool = await filled(1);
    files.failNext({ operation: 'read', code: 'EIO', pathEnd: '00000002.seg' });
    const records = await claimAll(spool);
    expect(records.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one', 'three']);
    for (const { ref } of records) spool.acknowledge(ref);
    expect(spool.stats()).toMatchObject({ corruptRanges: 1, events: 1 });
    await spool.close();
    expect(await filesLeft()).toEqual(['00000002.seg']);
  });

  it('counts a file that somebody deleted', async () => {
    const spool = await filled(1);
    await files.unlink('/spool/v1/w001/00000002.seg');
    expect(await keysOf(spool)).toEqual(['one', 'three']);
    expect(spool.stats().corruptRanges).toBe(1);
  });

  it.each([
    ['in the middle', 200],
    ['in the last length', -60],
  ])('keeps a file of its own with damage %s for the next process', async (_, at) => {
    const spool = await filled();
    const segment = await files.openFile('/spool/v1/w001/00000001.seg');
    const { size } = await segment.identity();
    const last = at < 0 ? size - Math.ceil((size - 60) / 3) + 6 : at;
    await segment.write(Buffer.from([0x7f]), last);
    const records = await claimAll(spool);
    expect(records).toHaveLength(2);
    for (const { ref } of records) spool.acknowledge(ref);
    expect(spool.stats().corruptRanges).toBe(1);
    await spool.close();
    expect(await filesLeft()).toContain('00000001.seg');
  });

  it('gives what is left of a file of its own that somebody cut', async () => {
    const spool = await filled();
    const segment = await files.openFile('/spool/v1/w001/00000001.seg');
    await segment.truncate((await segment.identity()).size - 5);
    expect(await keysOf(spool)).toEqual(['one', 'two']);
    expect(spool.stats().corruptRanges).toBe(1);
    expect(await spool.claim(1)).toEqual([]);
  });
});

describe('acknowledging', () => {
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
    expect(await filesLeft()).toEqual(['00000001.seg']);
    await spool.close();
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

describe('the age of the oldest record', () => {
  it('is that of a claimed one as well as that of one that was not read', async () => {
    const spool = open(1);
    expect(spool.stats().oldestAgeMs).toBeUndefined();
    for (const key of KEYS) {
      await spool.store(spoolEntry(key));
      await clock.advance(1_000);
    }
    expect(spool.stats().oldestAgeMs).toBe(3_000);
    const records = await claimAll(spool);
    expect(spool.stats().oldestAgeMs).toBe(3_000);
    for (const { ref } of records.slice(0, 2)) spool.acknowledge(ref);
    expect(spool.stats().oldestAgeMs).toBe(1_000);
    for (const { ref } of records.slice(2)) spool.acknowledge(ref);
    expect(spool.stats().oldestAgeMs).toBeUndefined();
  });
});
