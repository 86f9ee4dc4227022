import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import type { FilePort } from '../../src/spool/files.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VOLUME = '2m';

function mount(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${VOLUME}`, 'tmpfs', folder]).status === 0;
}

let folder: string;
let mounted: boolean;

beforeEach(() => {
  folder = temporaryFolder();
  mounted = mount(folder);
  onTestFinished(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
  });
});

/** Without a look at the free space, so that the disk is met full and not nearly full. */
const reckless: FilePort = {
  ...nodeFiles,
  space: () => Promise.resolve({ free: 2 ** 40, total: 2 ** 40 }),
};

function open(files: FilePort, writer = 'a'): Spool {
  return new FileSpool({
    directory: join(folder, 'spool'),
    maxBytes: 2 ** 30,
    segmentBytes: 128 * 1024,
    files,
    liveness: fakeLiveness(),
    clock: systemClock,
    newWriter: () => writer,
    onDamage: () => {},
  });
}

/** Stores until the disk refuses; gives the keys that are stored. */
async function fill(spool: Spool, word: string): Promise<readonly string[]> {
  const stored: string[] = [];
  for (let index = 0; ; index += 1) {
    const key = `${word}-${index}`;
    const { kind } = await spool.store(spoolEntry(key, 3_000));
    if (kind === 'unwritable') return stored;
    if (kind !== 'stored') throw new Error(`the spool is ${kind}`);
    stored.push(key);
    if (index > 10_000) throw new Error('the disk does not get full');
  }
}

const keysOf = (records: readonly { readonly idempotencyKey: string }[]): readonly string[] =>
  records.map(({ idempotencyKey }) => idempotencyKey);

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('a spool on a volume of 2 MB', () => {
  it('refuses what does not fit, keeps what it has, and goes on when there is space', async () => {
    expect(mounted).toBe(true);
    const spool = open(reckless);
    const stored = [...(await fill(spool, 'first'))];
    expect(stored.length).toBeGreaterThan(300);
    expect(await spool.store(spoolEntry('late', 3_000))).toMatchObject({
      kind: 'unwritable',
      detail: 'ENOSPC',
    });
    const records = await spool.claim(100);
    for (const { ref } of records) spool.acknowledge(ref);
    await expect
      .poll(async () => (await spool.store(spoolEntry('again', 3_000))).kind)
      .toBe('stored');
    const rest = keysOf(await claimAll(spool)).filter((key) => key !== 'again');
    expect([...keysOf(records), ...rest]).toEqual(stored);
    await spool.close();
  });

  it('drains a full disk, on which nothing can be written, to the last file', async () => {
    expect(mounted).toBe(true);
    const first = open(reckless);
    const stored = await fill(first, 'first');
    const ballast = join(folder, 'ballast');
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
    const records = await claimAll(first);
    expect(keysOf(records)).toEqual(stored);
    for (const { ref } of records) first.acknowledge(ref);
    await first.close();
    rmSync(ballast);
    const second = open(nodeFiles, 'b');
    expect(await second.adopt()).toBe(0);
    await second.close();
  });

  it('leaves room to others, and stores again when there is more', async () => {
    expect(mounted).toBe(true);
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2_000_000));
    const spool = open(nodeFiles);
    await expect
      .poll(async () => spool.store(spoolEntry('early')))
      .toMatchObject({ kind: 'unwritable', detail: 'the disk is nearly full' });
    rmSync(ballast);
    await expect.poll(async () => (await spool.store(spoolEntry('late'))).kind).toBe('stored');
    await spool.close();
  });
});
