import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import type { FileSpoolOptions } from '../../src/spool/file-spool.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import type { FilePort } from '../../src/spool/files.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VOLUME = '2m';

function mount(folder: string): boolean {
  return (
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${VOLUME},nr_inodes=200`, 'tmpfs', folder])
      .status === 0
  );
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

function optionsOf(files: FilePort, writer = 'a'): FileSpoolOptions {
  return {
    directory: join(folder, 'spool'),
    maxBytes: 2 ** 30,
    segmentBytes: 128 * 1024,
    files,
    liveness: fakeLiveness(),
    clock: systemClock,
    newWriter: () => writer,
    onDamage: () => {},
    onReadError: () => {},
  };
}

function open(files: FilePort, writer = 'a'): Spool {
  return new FileSpool(optionsOf(files, writer));
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

  it('gives room back bit by bit, although its segments could be larger than the volume', async () => {
    expect(mounted).toBe(true);
    const spool = new FileSpool({ ...optionsOf(nodeFiles), segmentBytes: 8 * 1024 * 1024 });
    await spool.store(spoolEntry('first'));
    for (let index = 0; index < 300; index += 1) {
      await spool.store(spoolEntry(`more-${index}`, 3_000));
    }
    const before = spool.stats().bytes;
    for (let claimed = 0; claimed < 3; claimed += 1) {
      for (const { ref } of await spool.claim(50)) spool.acknowledge(ref);
    }
    await expect.poll(() => spool.stats().bytes).toBeLessThan(before * 0.7);
    await spool.close();
  });

  it('has none of its own bytes in the way once all is delivered', async () => {
    expect(mounted).toBe(true);
    const spool = open(reckless);
    await fill(spool, 'first');
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await expect.poll(() => spool.stats().bytes).toBe(0);
    await expect
      .poll(async () => (await spool.store(spoolEntry('again', 3_000))).kind)
      .toBe('stored');
    await spool.close();
  });

  it('is drained by the next process, though there is no room for a file of its own', async () => {
    expect(mounted).toBe(true);
    const left = await leaveFull();
    const second = new FileSpool({
      ...optionsOf(nodeFiles, 'b'),
      liveness: createNodeLiveness(systemClock),
    });
    expect(await second.adopt()).toBe(left.length);
    const records = await claimAll(second);
    expect(keysOf(records)).toEqual(left);
    const third = new FileSpool({
      ...optionsOf(nodeFiles, 'c'),
      liveness: createNodeLiveness(systemClock),
    });
    expect(await third.adopt()).toBe(0);
    for (const { ref } of records) second.acknowledge(ref);
    await expect.poll(() => second.stats()).toMatchObject({ events: 0, bytes: 0 });
    await second.close();
    await third.close();
    expect(readdirSync(join(folder, 'spool', 'v1'))).toEqual([]);
  });

  /** Stores, is killed, and others take all the room that is left, to the last file. */
  async function leaveFull(): Promise<readonly string[]> {
    const lasting = createNodeLiveness(systemClock);
    const first = new FileSpool({ ...optionsOf(reckless), liveness: lasting });
    const stored = await fill(first, 'first');
    const writer = join(folder, 'spool', 'v1', 'a');
    // As a process that is killed leaves it: a lock, and a socket at which nobody listens.
    const words = readFileSync(join(writer, 'lock'), 'utf8');
    writeFileSync(join(writer, 'lock'), words.replace(`"pid":${process.pid}`, '"pid":4194303'));
    rmSync(join(writer, 'live.sock'));
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(bavail * bsize));
    for (let made = 0; ; made += 1) {
      try {
        writeFileSync(join(folder, `none-${made}`), '');
      } catch {
        return stored;
      }
    }
  }

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
