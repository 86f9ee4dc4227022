import { cpSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createNodeLiveness, fileNumber } from '../../src/spool/node-liveness.ts';
import type { Liveness } from '../../src/spool/directory.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let clock: ManualClock;
let liveness: Liveness;
let folder: string;
let lock: string;

beforeEach(() => {
  clock = manualClock();
  liveness = createNodeLiveness(clock);
  folder = temporaryFolder();
  lock = join(folder, 'lock');
});

/** Rewrites the lock as another holder would have written it. */
function forge(changes: Readonly<Record<string, unknown>>): void {
  const held: unknown = JSON.parse(readFileSync(lock, 'utf8'));
  writeFileSync(lock, JSON.stringify({ ...(held as object), ...changes }));
  setLastSign(0);
}

function setLastSign(agoMs: number): void {
  const at = (clock.wallTime() - agoMs) / 1_000;
  utimesSync(lock, at, at);
}

describe('a directory that is held', () => {
  it('is that of a living writer until it is let go', async () => {
    expect(await liveness.isAlive(folder)).toBe(false);
    const lease = await liveness.lease(folder);
    expect(await liveness.isAlive(folder)).toBe(true);
    await lease.release();
    expect(await liveness.isAlive(folder)).toBe(false);
    expect(existsSync(lock)).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it('is held once', async () => {
    const lease = await liveness.lease(folder);
    await expect(liveness.lease(folder)).rejects.toMatchObject({ code: 'EEXIST' });
    await lease.release();
  });

  it('says every minute that it is there', async () => {
    const lease = await liveness.lease(folder);
    forge({ space: 'elsewhere' });
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      await expect.poll(() => liveness.isAlive(folder)).toBe(true);
    }
    await lease.release();
  });
});

describe.skipIf(process.platform !== 'linux')('a lock on this machine', () => {
  it('is nobody’s when its process does not answer, whatever its number', async () => {
    const other = temporaryFolder();
    const lease = await liveness.lease(folder);
    // The same words, with a live process number, in a file nobody listens for.
    writeFileSync(join(other, 'lock'), readFileSync(lock));
    expect(await liveness.isAlive(other)).toBe(false);
    await lease.release();
  });

  it('is nobody’s after the machine was started anew', async () => {
    const lease = await liveness.lease(folder);
    forge({ boot: 'an earlier one' });
    expect(await liveness.isAlive(folder)).toBe(false);
    await lease.release();
  });
});

describe('a lock from elsewhere', () => {
  it.each([
    ['another container', { space: 'another' }],
    ['another machine', { space: 'another', host: `not-${hostname()}`, boot: 'another' }],
  ])('is held from %s as long as there was a sign within three minutes', async (_, changes) => {
    const lease = await liveness.lease(folder);
    forge(changes);
    for (const [agoMs, alive] of [
      [0, true],
      [179_000, true],
      [181_000, false],
      // The clock was set back since.
      [-31_536_000_000, false],
    ] as const) {
      setLastSign(agoMs);
      expect(await liveness.isAlive(folder)).toBe(alive);
    }
    await lease.release();
  });
});

// In a container whose temporary files are on an overlay nothing can be told.
const numbered = (await fileNumber(tmpdir())) !== '';

describe.skipIf(!numbered)('a copy of a directory from elsewhere', () => {
  const ELSEWHERE = { space: 'another', host: `not-${hostname()}`, boot: 'another' };

  async function copy(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const lease = await liveness.lease(folder);
    forge({ ...ELSEWHERE, ...changes });
    const copied = join(temporaryFolder(), 'copy');
    cpSync(folder, copied, { recursive: true, preserveTimestamps: true });
    await lease.release();
    return copied;
  }

  it('is nobody’s at once, although its holder gave a sign a moment ago', async () => {
    expect(await liveness.isAlive(await copy({}))).toBe(false);
  });

  it('is nobody’s either when it comes from another container', async () => {
    const { host, boot } = JSON.parse(await lockText()) as Record<string, unknown>;
    expect(await liveness.isAlive(await copy({ host, boot }))).toBe(false);
  });

  it.each([
    ['its file system gave files no lasting numbers', { file: '' }],
    ['an earlier version wrote the lock', { file: undefined }],
  ])('is held as long as the sign is recent when %s', async (_, changes) => {
    const copied = await copy(changes);
    expect(await liveness.isAlive(copied)).toBe(true);
    await clock.advance(180_000);
    expect(await liveness.isAlive(copied)).toBe(false);
  });

  async function lockText(): Promise<string> {
    const lease = await liveness.lease(folder);
    const text = readFileSync(lock, 'utf8');
    await lease.release();
    return text;
  }
});

describe('a lock that cannot be read', () => {
  it.each(['', '{', '[]', 'null', '{"pid":"7"}', '{"pid":0}', '{"pid":1.5}'])(
    'is nobody’s: %s',
    async (text) => {
      writeFileSync(lock, text);
      expect(await liveness.isAlive(folder)).toBe(false);
    },
  );
});
