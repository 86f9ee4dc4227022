import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../../../src/spool/segment-format.ts';
import type { Spool, SpoolEntry } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { FaultyFiles } from '../../support/faulty-files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { bodyOf } from '../../support/requests.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

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

const effectsOf = (kind: string): number =>
  files.effects.filter((effect) => effect.kind === kind).length;

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

/** The keys that the next process finds. */
async function keysAfterKill(): Promise<readonly string[]> {
  liveness.killAll();
  files.heal();
  const next = open({}, 'z');
  await next.adopt();
  return keysOf(next);
}

const kindsOf = async (spool: Spool, keys: readonly string[]): Promise<readonly string[]> => {
  const results = await Promise.all(keys.map((key) => spool.store(spoolEntry(key))));
  return results.map(({ kind }) => kind);
};

describe('storing', () => {
  it('puts what is stored at once into one write and one sync', async () => {
    const spool = open();
    await spool.store(spoolEntry('first'));
    const [writes, syncs] = [effectsOf('write'), effectsOf('sync')];
    await kindsOf(spool, ['one', 'two', 'three']);
    expect([effectsOf('write') - writes, effectsOf('sync') - syncs]).toEqual([1, 1]);
  });

  it('gathers for the next write what comes while one is under way', async () => {
    const spool = open();
    const first = spool.store(spoolEntry('first'));
    await Promise.resolve();
    await Promise.resolve();
    const rest = kindsOf(spool, ['one', 'two', 'three']);
    await Promise.all([first, rest]);
    expect(effectsOf('sync')).toBe(2);
  });

  it('writes no more than 1 MiB at once, but for a record that is larger', async () => {
    const spool = open();
    const big = (key: string, size: number): SpoolEntry => ({
      ...spoolEntry(key),
      ...bodyOf('x'.repeat(size)),
    });
    const sizes = [200_000, 1_040_000, ...Array.from({ length: 10 }, () => 300_000)];
    const entries = sizes.map((size, index) => big(`k${index}`, size));
    const results = await Promise.all(entries.map((entry) => spool.store(entry)));
    expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
    expect(effectsOf('sync')).toBe(1 + 1 + 4);
    expect((await claimAll(spool)).map(({ body }) => body.byteLength)).toEqual(sizes);
  });

  it('begins a new segment behind its size', async () => {
    const spool = open({ segmentBytes: 300 });
    for (let index = 0; index < 7; index += 1) await spool.store(spoolEntry(`k${index}`));
    expect(await files.list('/spool/v1/a001')).toEqual([
      '00000001.seg',
      '00000002.seg',
      '00000003.seg',
    ]);
  });

  it('refuses what a reader would take for damage, and nothing with it', async () => {
    const spool = open();
    const huge = { ...spoolEntry('huge'), ...bodyOf('x'.repeat(MAX_FRAME_BYTES)) };
    const [refused, stored] = await Promise.all([
      spool.store(huge),
      spool.store(spoolEntry('one')),
    ]);
    expect(refused).toEqual({ kind: 'unwritable', detail: 'an event above 1 MiB' });
    expect(stored.kind).toBe('stored');
    expect(await keysOf(spool)).toEqual(['one']);
  });

  it('gives back what is as large as it may be', async () => {
    const spool = open();
    const body = bodyOf('x'.repeat(MAX_FRAME_BYTES - 12 - 20 - 3 - 5));
    await spool.store({ ...spoolEntry('big'), ...body });
    const [record] = await spool.claim(1);
    expect(record?.body).toHaveLength(body.bytes);
  });
});

describe('storing on a disk with faults', () => {
  it.each(['write', 'sync', 'create', 'syncdir', 'mkdir'])(
    'stores all the same when %s fails once',
    async (operation) => {
      const spool = open();
      files.failNext({ operation, code: 'EIO' });
      const kinds = await kindsOf(spool, ['one', 'two']);
      expect(kinds).toEqual(['stored', 'stored']);
      expect(await keysOf(spool)).toEqual(['one', 'two']);
      expect(await keysAfterKill()).toEqual(['one', 'two']);
    },
  );

  it.each(['write', 'sync', 'create', 'syncdir', 'mkdir'])(
    'says that it did not store when %s keeps failing, and stores once it works',
    async (operation) => {
      const spool = open();
      files.failNext({ operation, code: 'EIO', times: 100 });
      expect(await spool.store(spoolEntry('one'))).toEqual({ kind: 'unwritable', detail: 'EIO' });
      files.heal();
      expect(await kindsOf(spool, ['two'])).toEqual(['stored']);
      expect(await keysOf(spool)).toEqual(['two']);
    },
  );

  it.each(['EIO', 'ENOSPC'])('never syncs a file again whose sync failed with %s', async (code) => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    files.failNext({ operation: 'sync', code, pathEnd: '00000001.seg' });
    await spool.store(spoolEntry('two'));
    files.failNext({ operation: 'sync', code: 'EIO', pathEnd: '00000001.seg', times: 100 });
    expect(await kindsOf(spool, ['three'])).toEqual(['stored']);
  });

  it.each(['ENOSPC', 'EDQUOT'])('takes back what a disk with %s took of a batch', async (code) => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    const { length } = (await sizes())[0] ?? { length: 0 };
    files.failNext({ operation: 'write', code });
    expect(await kindsOf(spool, ['two'])).toEqual(['unwritable']);
    expect((await sizes())[0]?.length).toBe(length);
    expect(await kindsOf(spool, ['three'])).toEqual(['stored']);
    expect(await keysAfterKill()).toEqual(['one', 'three']);
  });

  it('goes on in a new file when a full disk does not even take back', async () => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    files.failNext({ operation: 'write', code: 'ENOSPC' });
    files.failNext({ operation: 'truncate', code: 'EIO' });
    expect(await kindsOf(spool, ['two', 'three'])).toEqual(['unwritable', 'unwritable']);
    expect(await kindsOf(spool, ['four'])).toEqual(['stored']);
    expect((await sizes()).length).toBe(2);
    expect(await keysAfterKill()).toEqual(['one', 'four']);
  });

  it.each(['EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'EPERM'])(
    'says so when %s forbids the next segment, keeps the last, and goes on once it may',
    async (code) => {
      const spool = open({ segmentBytes: 1 });
      await spool.store(spoolEntry('one'));
      files.failNext({ operation: 'create', code, pathEnd: '.seg', times: 3 });
      expect(await spool.store(spoolEntry('two'))).toEqual({ kind: 'unwritable', detail: code });
      expect(spool.stats()).toMatchObject({ events: 1, corruptRanges: 0 });
      expect(await kindsOf(spool, ['three'])).toEqual(['stored']);
      expect(await keysAfterKill()).toEqual(['one', 'three']);
    },
  );

  it('gives what it has while its directory takes no change, and removes it afterwards', async () => {
    const spool = open();
    await kindsOf(spool, ['one', 'two']);
    const CHANGES = ['create', 'write', 'sync', 'unlink', 'rename', 'mkdir', 'rmdir', 'truncate'];
    for (const operation of CHANGES) files.failNext({ operation, code: 'EROFS', times: Infinity });
    expect(await spool.store(spoolEntry('three'))).toEqual({ kind: 'unwritable', detail: 'EROFS' });
    const records = await claimAll(spool);
    expect(records.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one', 'two']);
    for (const { ref } of records) spool.acknowledge(ref);
    await clock.advance(50);
    expect(spool.stats().events).toBe(0);
    files.heal();
    await spool.close();
    expect(await files.list('/spool/v1')).toEqual([]);
  });

  it('leaves no file behind that it could not begin', async () => {
    const spool = open();
    files.failNext({ operation: 'write', code: 'ENOSPC', times: 3 });
    for (const key of ['one', 'two', 'three']) await spool.store(spoolEntry(key));
    expect(await files.list('/spool/v1/a001')).toEqual([]);
  });

  async function sizes(): Promise<readonly { readonly length: number }[]> {
    const names = (await files.list('/spool/v1/a001')).filter((name) => name.endsWith('.seg'));
    return Promise.all(
      names.map(async (name) => {
        const found = await files.identity(`/spool/v1/a001/${name}`);
        return { length: found?.size ?? 0 };
      }),
    );
  }
});

describe('storing while somebody else touches the files', () => {
  it('writes a batch again elsewhere when its file was renamed before it was synced', async () => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    await files.rename('/spool/v1/a001', '/spool/v1/a001@b001');
    expect(await kindsOf(spool, ['two'])).toEqual(['stored']);
    expect(await files.list('/spool/v1/a002')).toEqual(['00000002.seg']);
  });

  it('counts no more what was taken away, and has room for more', async () => {
    const spool = open({ maxBytes: 550, segmentBytes: 300 });
    await kindsOf(spool, ['one', 'two', 'three', 'four']);
    await files.rename('/spool/v1/a001', '/spool/v1/a001@b001');
    expect(await spool.store(spoolEntry('five'))).toMatchObject({ kind: 'full' });
    expect(await keysOf(spool)).toEqual([]);
    expect(spool.stats()).toMatchObject({ events: 0, bytes: 0, corruptRanges: 0 });
    expect(await kindsOf(spool, ['five'])).toEqual(['stored']);
    expect(await keysOf(spool)).toEqual(['five']);
  });

  it('gives up when its directory is taken away again and again', async () => {
    const spool = open();
    await spool.store(spoolEntry('one'));
    const found = files.identity.bind(files);
    const hide = (path: string): ReturnType<typeof found> =>
      path.endsWith('.seg') ? Promise.resolve(undefined) : found(path);
    Object.assign(files, { identity: hide });
    expect(await spool.store(spoolEntry('two'))).toEqual({
      kind: 'unwritable',
      detail: 'the directory is taken away again and again',
    });
  });
});
