import { beforeEach, describe, expect, it } from 'vitest';
import type { Liveness } from '../../../src/spool/directory.ts';
import { writerName } from '../../../src/spool/directory.ts';
import { inspectSpool } from '../../../src/spool/inspect.ts';
import { HEADER_BYTES, encodeAcks, encodeHeader } from '../../../src/spool/segment-format.ts';
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

beforeEach(() => {
  files = faultyFiles();
  liveness = fakeLiveness();
  clock = manualClock();
});

const open = (writer: string, segmentBytes?: number): Spool =>
  simulatedSpool({ files, liveness, clock, writer, segmentBytes });

async function storeAll(spool: Spool, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    expect(await spool.store(spoolEntry(key))).toMatchObject({ kind: 'stored' });
  }
}

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

/** What a process that was killed has left: three records, the first of them acknowledged. */
async function leaveThree(segmentBytes?: number): Promise<void> {
  const spool = open('a', segmentBytes);
  await storeAll(spool, 'one', 'two', 'three');
  const [first] = await spool.claim(1);
  if (first !== undefined) spool.acknowledge(first.ref);
  await clock.advance(50);
  liveness.killAll();
}

const writersOnDisk = async (): Promise<readonly string[]> =>
  [...(await files.list('/spool/v1'))].sort();

describe('taking over', () => {
  it('gives what a writer that is gone has left, without what was acknowledged', async () => {
    await leaveThree();
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(spool.stats()).toMatchObject({ events: 2, adopted: 2 });
    expect(await keysOf(spool)).toEqual(['two', 'three']);
  });

  it('leaves a living writer alone', async () => {
    const first = open('a');
    await storeAll(first, 'one');
    const second = open('b');
    expect(await second.adopt()).toBe(0);
    expect(await keysOf(first)).toEqual(['one']);
  });

  it('does not take over itself, nor twice what it has taken over', async () => {
    await leaveThree();
    const spool = open('b');
    await storeAll(spool, 'own');
    expect(await spool.adopt()).toBe(2);
    expect(await spool.adopt()).toBe(0);
    expect(await keysOf(spool)).toEqual(['two', 'three', 'own']);
  });

  it('takes over what one that took over has left in its turn', async () => {
    await leaveThree();
    const second = open('b');
    await second.adopt();
    await storeAll(second, 'four');
    liveness.killAll();
    const third = open('c');
    expect(await third.adopt()).toBe(3);
    expect(await writersOnDisk()).toEqual(['a001@c001', 'b001@c001', 'c001']);
    expect(await keysOf(third)).toEqual(['two', 'three', 'four']);
  });

  it('is done by one of several that try', async () => {
    await leaveThree();
    const spools = ['b', 'c', 'd'].map((writer) => open(writer));
    const counts = await Promise.all(spools.map((spool) => spool.adopt()));
    expect([...counts].sort((a, b) => a - b)).toEqual([0, 0, 2]);
    const found = (await Promise.all(spools.map(keysOf))).flat();
    expect(found).toEqual(['two', 'three']);
  });

  it('removes the directory once everything in it is acknowledged', async () => {
    await leaveThree(200);
    const spool = open('b');
    await spool.adopt();
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    expect(await writersOnDisk()).toEqual([]);
  });

  it('removes the directory of one that had nothing left', async () => {
    const first = open('a');
    await storeAll(first, 'one');
    for (const { ref } of await claimAll(first)) first.acknowledge(ref);
    await clock.advance(50);
    liveness.killAll();
    const second = open('b');
    expect(await second.adopt()).toBe(0);
    await second.close();
    expect(await writersOnDisk()).toEqual([]);
  });

  it('passes over what is no directory of a writer', async () => {
    await leaveThree();
    await files.createFile('/spool/v1/.hidden');
    await files.makeDirectory('/spool/v1/empty');
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(await writersOnDisk()).toContain('empty');
  });

  it('removes empty directories of long ago, and none that may be in the making', async () => {
    const ago = (ms: number): string => writerName(clock.wallTime() - ms, '0123456789abcdef0123');
    const left = [ago(301_000), `${ago(900_000)}@${ago(600_000)}`];
    const stay = [ago(0), ago(299_000), 'lost+found', `${ago(900_000)}@${ago(1_000)}`];
    const full = ago(400_000);
    await files.makeDirectory('/spool');
    await files.makeDirectory('/spool/v1');
    for (const name of [...left, ...stay, full]) await files.makeDirectory(`/spool/v1/${name}`);
    await (await files.createFile(`/spool/v1/${full}/of-somebody-else`)).close();
    const spool = open('b');
    await spool.adopt();
    expect(await writersOnDisk()).toEqual([...stay, full, 'b001'].sort());
    await clock.advance(301_000);
    await spool.adopt();
    expect(await writersOnDisk()).toEqual(['b001', 'lost+found', full].sort());
    await spool.close();
  });

  it('gives what stands in a part of a segment that was never committed', async () => {
    await leaveThree();
    files.failNext({ operation: 'sync', code: 'EIO', pathEnd: '.seg', times: 3 });
    const spool = open('b');
    expect(await spool.store(spoolEntry('lost'))).toMatchObject({ kind: 'unwritable' });
    liveness.killAll();
    const next = open('c');
    await next.adopt();
    // Reported as not stored; that it is there all the same harms nobody, and it is there once.
    expect(await keysOf(next)).toEqual(['two', 'three', 'lost']);
  });
});

describe('taking over from a disk with faults', () => {
  it.each(['list', 'open', 'read'])(
    'is tried again when the process lacks something at %s',
    async (operation) => {
      await leaveThree();
      const spool = open('b');
      await spool.adopt();
      const third = open('c');
      liveness.killAll();
      await third.store(spoolEntry('own'));
      const pathEnd = operation === 'list' ? '@c001' : '.seg';
      files.failNext({ operation, code: 'EMFILE', pathEnd });
      expect(await third.adopt()).toBe(0);
      expect(await third.adopt()).toBe(2);
      expect(await keysOf(third)).toEqual(['two', 'three', 'own']);
    },
  );

  it('goes on when the directory of all writers cannot be synced', async () => {
    await leaveThree();
    const spool = open('b');
    await storeAll(spool, 'own');
    files.failNext({ operation: 'syncdir', code: 'EIO', pathEnd: '/v1' });
    expect(await spool.adopt()).toBe(2);
  });

  it('waits for acknowledgements that cannot be read now', async () => {
    await leaveThree();
    files.failNext({ operation: 'open', code: 'EIO', pathEnd: '.ack' });
    const spool = open('b');
    expect(await spool.adopt()).toBe(0);
    expect(spool.stats()).toMatchObject({ readErrors: 1, unreadable: 1, corruptRanges: 0 });
    await clock.advance(500);
    expect(await spool.adopt()).toBe(2);
    expect(await keysOf(spool)).toEqual(['two', 'three']);
  });

  it('offers all records again when their acknowledgements can never be read', async () => {
    await leaveThree();
    files.failNext({ operation: 'open', code: 'EIO', pathEnd: '.ack', times: Infinity });
    const spool = open('b');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await spool.adopt()).toBe(0);
      await clock.advance(10_000);
    }
    expect(await spool.adopt()).toBe(3);
    expect(await keysOf(spool)).toEqual(['one', 'two', 'three']);
  });

  it('adds acknowledgements that are read behind one that was cut off', async () => {
    await leaveThree();
    const [name = ''] = await files.list('/spool/v1');
    const ackFile = await files.openFile(`/spool/v1/${name}/00000001.ack`);
    await ackFile.write(Buffer.from('torn'), 12);
    const second = open('b');
    await second.adopt();
    for (const { ref } of await second.claim(1)) second.acknowledge(ref);
    await clock.advance(50);
    liveness.killAll();
    const third = open('c');
    expect(await third.adopt()).toBe(1);
    expect(await keysOf(third)).toEqual(['three']);
  });

  it.each(['read', 'open'])(
    'gives the others while one segment fails at %s, and that one as soon as it can be had',
    async (operation) => {
      await leaveThree(1);
      files.failNext({ operation, code: 'EIO', pathEnd: '00000002.seg', times: 2 });
      const spool = open('b');
      expect(await spool.adopt()).toBe(1);
      expect(await keysOf(spool)).toEqual(['three']);
      // Before the wait is over it is left in peace.
      expect(await spool.adopt()).toBe(0);
      expect(spool.stats()).toMatchObject({ corruptRanges: 0, readErrors: 1, unreadable: 1 });
      await clock.advance(500);
      expect(await spool.adopt()).toBe(0);
      await clock.advance(1_000);
      expect(await spool.adopt()).toBe(1);
      expect(await keysOf(spool)).toEqual(['two']);
      expect(spool.stats()).toMatchObject({ events: 2, readErrors: 2, unreadable: 0 });
    },
  );

  it('leaves a segment where it is that cannot be read, whatever else is delivered', async () => {
    await leaveThree(1);
    files.failNext({ operation: 'read', code: 'EIO', pathEnd: '00000002.seg', times: Infinity });
    const second = open('b');
    expect(await second.adopt()).toBe(1);
    for (const { ref } of await claimAll(second)) second.acknowledge(ref);
    await second.close();
    expect(await files.list('/spool/v1/a001@b001')).toContain('00000002.seg');
    liveness.killAll();
    files.heal();
    const third = open('c');
    expect(await third.adopt()).toBe(1);
    expect(await keysOf(third)).toEqual(['two']);
  });

  it.each(['/v1', '@b001'])('reads a directory again that fails to be listed (%s)', async (end) => {
    await leaveThree();
    const due: number[] = [];
    files.failNext({ operation: 'list', code: 'EIO', pathEnd: end });
    const spool = open('b');
    spool.onRetryDue(() => due.push(clock.now()));
    expect(await spool.adopt()).toBe(0);
    expect(spool.stats()).toMatchObject({ readErrors: 1, unreadable: 1 });
    const failedAt = clock.now();
    await clock.advance(500);
    expect(due).toEqual([failedAt + 500]);
    expect(await spool.adopt()).toBe(2);
    expect(spool.stats().unreadable).toBe(0);
  });
});

describe('taking over on a full disk', () => {
  /** No directory, no file and no byte more. */
  function fillDisk(): void {
    for (const operation of ['mkdir', 'create', 'write']) {
      files.failNext({ operation, code: 'ENOSPC', times: Infinity });
    }
  }

  it.each([undefined, 1])(
    'needs nothing new: all is offered, and gone once it is acknowledged (segments of %s)',
    async (segmentBytes) => {
      await leaveThree(segmentBytes);
      fillDisk();
      const spool = open('b');
      expect(await spool.adopt()).toBe(2);
      const records = await claimAll(spool);
      expect(records.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['two', 'three']);
      expect(await spool.adopt()).toBe(0);
      for (const { ref } of records) spool.acknowledge(ref);
      await clock.advance(50);
      expect(spool.stats()).toMatchObject({ events: 0, bytes: 0 });
      await spool.close();
      expect(await writersOnDisk()).toEqual([]);
    },
  );

  it('is seen by others, who leave it alone', async () => {
    await leaveThree();
    fillDisk();
    const first = open('b');
    expect(await first.adopt()).toBe(2);
    const second = open('c');
    expect(await second.adopt()).toBe(0);
    for await (const { alive } of inspectSpool({ files, liveness, clock }, '/spool')) {
      expect(alive).toBe(true);
    }
    liveness.killAll();
    expect(await second.adopt()).toBe(2);
  });

  it('goes on as ever once there is room', async () => {
    await leaveThree();
    fillDisk();
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(await spool.store(spoolEntry('refused'))).toMatchObject({ detail: 'ENOSPC' });
    files.heal();
    await storeAll(spool, 'four');
    expect(await spool.adopt()).toBe(0);
    expect(await keysOf(spool)).toEqual(['two', 'three', 'four']);
  });

  it('leaves no empty directories behind, however often it is tried', async () => {
    await leaveThree();
    files.failNext({ operation: 'create', code: 'ENOSPC', times: Infinity });
    const failing: Liveness = {
      ...liveness,
      lease: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    };
    const spool = simulatedSpool({ files, liveness: failing, clock, writer: 'b' });
    for (let round = 0; round < 3; round += 1) await spool.adopt();
    expect(await writersOnDisk()).toEqual([expect.stringMatching(/^a001@b/)]);
  });

  it('acknowledges on disk what it could not at first, once there is room', async () => {
    await leaveThree();
    fillDisk();
    const spool = open('b');
    await spool.adopt();
    const [two, three] = await claimAll(spool);
    if (two !== undefined) spool.acknowledge(two.ref);
    await clock.advance(50);
    files.heal();
    await spool.close();
    liveness.killAll();
    const next = open('c');
    expect(await next.adopt()).toBe(1);
    expect(await keysOf(next)).toEqual([three?.idempotencyKey]);
  });

  it('sends again what was acknowledged in memory alone, under the same key', async () => {
    await leaveThree();
    fillDisk();
    const spool = open('b');
    await spool.adopt();
    for (const { ref } of (await claimAll(spool)).slice(0, 1)) spool.acknowledge(ref);
    await clock.advance(50);
    liveness.killAll();
    const next = open('c');
    expect(await next.adopt()).toBe(2);
    expect(await keysOf(next)).toEqual(['two', 'three']);
  });
});

describe('damage in what is taken over', () => {
  async function damage(at: number, file = '00000001.seg'): Promise<void> {
    const [name = ''] = await files.list('/spool/v1');
    const segment = await files.openFile(`/spool/v1/${name}/${file}`);
    await segment.write(Buffer.from([0xff, 0xff, 0xff]), at);
  }

  async function quarantined(): Promise<readonly string[]> {
    return files.list('/spool/quarantine').catch(() => []);
  }

  it('is counted once and put aside before the segment goes', async () => {
    await leaveThree();
    await damage(200);
    const spool = open('b');
    expect(await spool.adopt()).toBe(1);
    expect(await quarantined()).toHaveLength(1);
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    expect(spool.stats()).toMatchObject({ events: 0, corruptRanges: 1 });
    await spool.close();
    expect(await writersOnDisk()).toEqual([]);
  });

  it('keeps the segment where it is when it cannot be put aside', async () => {
    await leaveThree();
    await damage(200);
    files.failNext({ operation: 'create', code: 'ENOSPC', pathEnd: '.bin', times: Infinity });
    const spool = open('b');
    await spool.adopt();
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    files.heal();
    expect(await writersOnDisk()).toEqual(['a001@b001']);
    expect(await quarantined()).toEqual([]);
    const next = open('c');
    expect(await next.adopt()).toBe(0);
    expect(await quarantined()).toHaveLength(1);
    await next.close();
    expect(await writersOnDisk()).toEqual([]);
  });

  it('is put aside later, when there is room again, and the segment goes', async () => {
    await leaveThree();
    await damage(200);
    files.failNext({ operation: 'create', code: 'ENOSPC', pathEnd: '.bin' });
    const spool = open('b');
    await spool.adopt();
    expect(await quarantined()).toEqual([]);
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    expect(await quarantined()).toHaveLength(1);
    expect(spool.stats().corruptRanges).toBe(1);
    expect(await writersOnDisk()).toEqual([]);
  });

  it('keeps an end that was cut off too, without counting it', async () => {
    await leaveThree();
    const [name = ''] = await files.list('/spool/v1');
    const path = `/spool/v1/${name}/00000001.seg`;
    const segment = await files.openFile(path);
    await segment.truncate((await segment.identity()).size - 3);
    const spool = open('b');
    expect(await spool.adopt()).toBe(1);
    expect(spool.stats().corruptRanges).toBe(0);
    expect(await quarantined()).toHaveLength(1);
  });

  it('does not keep zeros at the end, which a file system leaves that grew a file', async () => {
    await leaveThree();
    const [name = ''] = await files.list('/spool/v1');
    const segment = await files.openFile(`/spool/v1/${name}/00000001.seg`);
    await segment.truncate((await segment.identity()).size + 100);
    const spool = open('b');
    expect(await spool.adopt()).toBe(2);
    expect(spool.stats().corruptRanges).toBe(0);
    expect(await quarantined()).toEqual([]);
  });
});

describe('a segment that was only begun', () => {
  beforeEach(() => leaveThree());

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
      for await (const { read } of inspectSpool({ files, liveness, clock }, '/spool')) {
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
  beforeEach(() => leaveThree());

  const ack = encodeAcks([1]);

  async function leaveSideFile(path: string): Promise<void> {
    const file = await files.createFile(path);
    await file.write(ack, 0);
  }

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
      expect(await writersOnDisk()).toEqual(['a001@b001', 'b001']);
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
  beforeEach(() => leaveThree());

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
