import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/runtime/clock.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let made = 0;

function open(directory: string, clock: Clock = systemClock): Spool {
  return new FileSpool({
    directory,
    maxBytes: 2 ** 30,
    files: nodeFiles,
    liveness: createNodeLiveness(clock),
    clock,
    newWriter: () => `writer-${String((made += 1)).padStart(4, '0')}`,
    onDamage: () => {},
    onReadError: () => {},
  });
}

const keysOf = async (spool: Spool): Promise<readonly string[]> =>
  (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);

function ownDirectory(directory: string): string {
  const [name = ''] = readdirSync(join(directory, 'v1'));
  return join(directory, 'v1', name);
}

describe('a spool whose files somebody else touches', () => {
  it('writes again elsewhere when its directory is renamed under it', async () => {
    const directory = temporaryFolder();
    const spool = open(directory);
    await spool.store(spoolEntry('one'));
    const own = ownDirectory(directory);
    renameSync(own, `${own}@somebody`);
    expect(await spool.store(spoolEntry('two'))).toMatchObject({ kind: 'stored' });
    await spool.close();
    const next = open(directory);
    await next.adopt();
    // Written to both, under one key: the ledger keeps it once.
    expect(await keysOf(next)).toEqual(['one', 'two', 'two']);
    await next.close();
  });

  it('writes again when its file is deleted under it', async () => {
    const directory = temporaryFolder();
    const spool = open(directory);
    await spool.store(spoolEntry('one'));
    rmSync(join(ownDirectory(directory), '00000001.seg'));
    expect(await spool.store(spoolEntry('two'))).toMatchObject({ kind: 'stored' });
    await spool.close();
    const next = open(directory);
    await next.adopt();
    expect(await keysOf(next)).toEqual(['two']);
    await next.close();
  });

  it('keeps a refused event although a person removes the files of refused events', async () => {
    const directory = temporaryFolder();
    const spool = open(directory);
    for (const key of ['one', 'two']) await spool.store(spoolEntry(key));
    const quarantine = join(directory, 'quarantine');
    for (const record of await claimAll(spool)) {
      rmSync(quarantine, { recursive: true, force: true });
      expect(await spool.quarantine({ record, status: 422, reason: undefined })).toBe(true);
      expect(readdirSync(quarantine)).toHaveLength(1);
    }
    await spool.close();
  });

  it('writes again when everything is deleted under it', async () => {
    const directory = join(temporaryFolder(), 'spool');
    const spool = open(directory);
    await spool.store(spoolEntry('one'));
    rmSync(directory, { recursive: true });
    expect(await spool.store(spoolEntry('two'))).toMatchObject({ kind: 'stored' });
    await spool.close();
    const next = open(directory);
    await next.adopt();
    expect(await keysOf(next)).toEqual(['two']);
    await next.close();
  });

  it('leaves alone what a living writer holds', async () => {
    const directory = temporaryFolder();
    const first = open(directory);
    await first.store(spoolEntry('one'));
    const second = open(directory);
    expect(await second.adopt()).toBe(0);
    expect(await keysOf(first)).toEqual(['one']);
    await Promise.all([first.close(), second.close()]);
  });
});

describe('a spool on a machine whose clock jumps', () => {
  it.each([-1, 1])('keeps its order and its records over %d year', async (years) => {
    let jump = 0;
    const clock: Clock = { ...systemClock, wallTime: () => systemClock.wallTime() + jump };
    const directory = temporaryFolder();
    const spool = open(directory, clock);
    await spool.store(spoolEntry('one'));
    jump = years * 31_536_000_000;
    await spool.store(spoolEntry('two'));
    jump = 0;
    await spool.store(spoolEntry('three'));
    expect(await keysOf(spool)).toEqual(['one', 'two', 'three']);
    expect(spool.stats().oldestAgeMs).toBeGreaterThanOrEqual(0);
    await spool.close();
  });
});

describe('the directory of a spool', () => {
  it('is made for its owner alone, and so are its files', async () => {
    const directory = join(temporaryFolder(), 'deep', 'spool');
    const spool = open(directory);
    await spool.store(spoolEntry('one'));
    const own = ownDirectory(directory);
    const modes = [directory, join(directory, 'v1'), own].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o700]);
    for (const name of readdirSync(own)) {
      expect(statSync(join(own, name)).mode & 0o777).toBe(0o600);
    }
    await spool.close();
  });

  it('is refused when it is a link', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'), { mode: 0o700 });
    symlinkSync(join(folder, 'real'), join(folder, 'spool'));
    const stored = await open(join(folder, 'spool')).store(spoolEntry('one'));
    expect(stored).toEqual({
      kind: 'unwritable',
      detail: `ENOTDIR: ${join(folder, 'spool')} is no directory, or a link to one: name a directory`,
    });
    expect(readdirSync(join(folder, 'real'))).toEqual([]);
  });

  it.each([
    ['others', 0o707],
    ['all', 0o777],
    ['a group, as on a Kubernetes volume with fsGroup', 0o2770],
  ])('is refused when %s may write into it, with the remedy', async (_, mode) => {
    const directory = temporaryFolder();
    chmodSync(directory, mode);
    const stored = await open(directory).store(spoolEntry('one'));
    expect(stored).toEqual({ kind: 'unwritable', detail: expect.any(String) });
    const { detail = '' } = 'detail' in stored ? stored : {};
    expect(detail).toContain(
      `EWRITABLEBYOTHERS: ${directory} can be written by others: chmod 700;`,
    );
    expect(detail).toContain('fsGroupChangePolicy: OnRootMismatch');
  });

  it('is not told twice when it is refused: nothing is wrong with reading', async () => {
    const directory = temporaryFolder();
    chmodSync(directory, 0o770);
    const spool = open(directory);
    expect(await spool.adopt()).toBe(0);
    await spool.store(spoolEntry('one'));
    expect(spool.stats()).toMatchObject({ readErrors: 0, unreadable: 0 });
    await spool.close();
  });

  it('is refused where a directory inside is writable by others, which is named', async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'v1'), { mode: 0o700 });
    chmodSync(join(directory, 'v1'), 0o770);
    const stored = await open(directory).store(spoolEntry('one'));
    const detail = expect.stringContaining(`EWRITABLEBYOTHERS: ${join(directory, 'v1')} `);
    expect(stored).toEqual({ kind: 'unwritable', detail });
  });

  it('is refused at the end of the process too', () => {
    const directory = temporaryFolder();
    chmodSync(directory, 0o777);
    const spool = open(directory);
    void spool.store(spoolEntry('one'));
    expect(() => {
      spool.storeRestNow();
    }).toThrow(expect.objectContaining({ code: 'EWRITABLEBYOTHERS' }));
    expect(readdirSync(directory)).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused when it is somebody else’s', async () => {
    const directory = temporaryFolder();
    chownSync(directory, 12_345, 12_345);
    const stored = await open(directory).store(spoolEntry('one'));
    const detail = `EFOREIGNOWNER: ${directory} belongs to another user: give it to the user of the process, or name another one`;
    expect(stored).toEqual({ kind: 'unwritable', detail });
  });
});
