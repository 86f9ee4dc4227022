import { beforeEach, describe, expect, it } from 'vitest';
import { HEADER_BYTES, encodeAcks, encodeHeader } from '../../../src/spool/segment-format.ts';
import { inspectSpool } from '../../../src/spool/inspect.ts';
import type { Spool } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { FaultyFiles } from '../../support/faulty-files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

let files: FaultyFiles;
let liveness: FakeLiveness;
let clock: ManualClock;

const open = (writer: string): Spool => simulatedSpool({ files, liveness, clock, writer });

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

/** What a process that was killed has left: three records, the first of them acknowledged. */
beforeEach(async () => {
  files = faultyFiles();
  liveness = fakeLiveness();
  clock = manualClock();
  const spool = open('a');
  for (const key of ['one', 'two', 'three']) await spool.store(spoolEntry(key));
  for (const { ref } of await spool.claim(1)) spool.acknowledge(ref);
  await clock.advance(50);
  liveness.killAll();
});

describe('a segment that was only begun', () => {
  it.each([0, 1, 3, 8, 11, 12, 40, 59])(
    'is removed, and is no damage, when it ends after %d bytes of its head',
    async (length) => {
      const head = encodeHeader('a001');
      for (const [name, bytes] of [
        ['00000004.seg', head.subarray(0, length)],
        ['00000005.seg', Buffer.concat([head.subarray(0, length), Buffer.alloc(90 - length)])],
      ] as const) {
        const begun = await files.createFile(`/spool/v1/a001/${name}`);
        await begun.write(bytes, 0);
      }
      for await (const { read } of inspectSpool({ files, liveness }, '/spool')) {
        expect(await read()).toMatchObject({ events: 2, damaged: 0 });
      }
      const spool = open('b');
      expect(await spool.adopt()).toBe(2);
      await clock.advance(50);
      expect(spool.stats()).toMatchObject({ events: 2, corruptRanges: 0 });
      expect(await files.list('/spool')).toEqual(['v1']);
      const left = (await files.list('/spool/v1/a001@b001')).filter((each) => /seg/.test(each));
      expect(left).toEqual(['00000001.seg']);
      expect(await keysOf(spool)).toEqual(['two', 'three']);
    },
  );

  it('costs no record that stands behind a head that never reached the disk', async () => {
    const segment = await files.openFile('/spool/v1/a001/00000001.seg');
    await segment.write(Buffer.alloc(HEADER_BYTES), 0);
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(spool.stats().corruptRanges).toBe(0);
    expect(await keysOf(spool)).toEqual(['two', 'three']);
  });
});

describe('a side file whose segment is gone', () => {
  const ack = encodeAcks([1]);

  async function leaveSideFile(path: string): Promise<void> {
    const file = await files.createFile(path);
    await file.write(ack, 0);
  }

  const writersOnDisk = (): Promise<readonly string[]> => files.list('/spool/v1');

  it('goes when its directory is taken over, whatever else waits there', async () => {
    await leaveSideFile('/spool/v1/a001/00000009.ack');
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(await files.list('/spool/v1/a001@b001')).not.toContain('00000009.ack');
    expect(await keysOf(spool)).toEqual(['two', 'three']);
  });

  it('stays while its segment is there, for it says what was delivered', async () => {
    await open('b').adopt();
    liveness.killAll();
    expect(await keysAfterAdoption('c')).toEqual(['two', 'three']);
  });

  it.each(['c001', 'c001@d001'])(
    'goes with a directory that holds nothing else: %s',
    async (name) => {
      await files.makeDirectory(`/spool/v1/${name}`);
      await leaveSideFile(`/spool/v1/${name}/00000001.ack`);
      const spool = open('b');
      expect(await spool.adopt()).toBe(2);
      expect([...(await writersOnDisk())].sort()).toEqual(['a001@b001', 'b001']);
      await spool.close();
    },
  );

  it('stays in the directory of a living writer, who may be about to use it', async () => {
    const other = open('c');
    await other.store(spoolEntry('four'));
    await leaveSideFile('/spool/v1/c001/00000009.ack');
    await open('b').adopt();
    expect(await files.list('/spool/v1/c001')).toContain('00000009.ack');
  });

  it('is no reason to give up when it cannot be removed', async () => {
    await leaveSideFile('/spool/v1/a001/00000009.ack');
    files.failNext({ operation: 'unlink', code: 'EIO', pathEnd: '00000009.ack' });
    expect(await keysAfterAdoption('b')).toEqual(['two', 'three']);
  });

  async function keysAfterAdoption(writer: string): Promise<readonly string[]> {
    const spool = open(writer);
    await spool.adopt();
    return keysOf(spool);
  }
});

describe('a link where a directory of a writer should be', () => {
  it('is left alone: it would lead out of the spool', async () => {
    const identity = files.identity.bind(files);
    Object.assign(files, {
      async identity(path: string) {
        const found = await identity(path);
        return path === '/spool/v1/a001' && found !== undefined
          ? { ...found, kind: 'other' }
          : found;
      },
    });
    expect(await open('b').adopt()).toBe(0);
    expect(await files.list('/spool/v1')).toContain('a001');
  });
});
