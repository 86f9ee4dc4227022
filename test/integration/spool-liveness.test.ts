import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createNodeLiveness, fileNumber } from '../../src/spool/node-liveness.ts';
import type { Liveness } from '../../src/spool/directory.ts';
import { SOCKET } from '../../src/spool/directory.ts';
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

/** Rewrites the lock as another holder would have written it, where no socket could be had. */
function forge(changes: Readonly<Record<string, unknown>>): void {
  const held: unknown = JSON.parse(readFileSync(lock, 'utf8'));
  writeFileSync(lock, JSON.stringify({ ...(held as object), socket: false, ...changes }));
  rmSync(join(folder, SOCKET), { force: true });
  setLastSign(0);
}

function setLastSign(agoMs: number): void {
  const at = (clock.wallTime() - agoMs) / 1_000;
  utimesSync(lock, at, at);
}

/** Binds a socket as a writer does, and leaves the file there as one that is killed does. */
function leaveDeadSocket(path: string): void {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
}

describe('a directory that is held', () => {
  it('is that of a living writer until it is let go', async () => {
    expect(await liveness.isAlive(folder)).toBe(false);
    const lease = await liveness.lease(folder);
    expect(await liveness.isAlive(folder)).toBe(true);
    await lease.release();
    expect(await liveness.isAlive(folder)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('is held once', async () => {
    const lease = await liveness.lease(folder);
    await expect(liveness.lease(folder)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await liveness.isAlive(folder)).toBe(true);
    await lease.release();
  });

  it('says every ten seconds that it is there', async () => {
    const lease = await liveness.lease(folder);
    forge({ space: 'elsewhere' });
    for (let sign = 0; sign < 10; sign += 1) {
      const { mtimeMs } = statSync(lock);
      await clock.advance(10_000);
      await expect.poll(() => statSync(lock).mtimeMs).toBeGreaterThan(mtimeMs);
      expect(await liveness.isAlive(folder)).toBe(true);
    }
    await lease.release();
  });

  it('is taken again with the bytes that are there, also where it says who held it before', async () => {
    const first = await liveness.lease(folder);
    forge({ pid: 2 ** 22 + 1, thread: '' });
    const { size, ino } = statSync(lock);
    writeFileSync(lock, readFileSync(lock, 'utf8').padEnd(512));
    expect(await liveness.isAlive(folder)).toBe(false);
    const second = await liveness.retake(folder);
    expect(await liveness.isAlive(folder)).toBe(true);
    expect(size).toBeLessThanOrEqual(512);
    expect(statSync(lock)).toMatchObject({ size: 512, ino });
    await second.release();
    await first.release();
    expect(await liveness.isAlive(folder)).toBe(false);
  });

  it('says nothing any more once it has the name of who took it over', async () => {
    const lease = await liveness.lease(folder);
    const taken = `${folder}@adopter`;
    renameSync(folder, taken);
    onTestFinished(() => {
      rmSync(taken, { recursive: true });
    });
    expect(await liveness.isAlive(taken)).toBe(false);
    await lease.release();
  });
});

describe.skipIf(process.platform !== 'linux')('a lock on this machine', () => {
  it('listens at no name that another user could bind, in a directory that only the owner can enter', async () => {
    const before = readFileSync('/proc/net/unix', 'utf8');
    const lease = await liveness.lease(folder);
    const names = (text: string): readonly string[] => text.match(/\S*immutablelog\S*/g) ?? [];
    const added = names(readFileSync('/proc/net/unix', 'utf8')).filter(
      (name) => !names(before).includes(name),
    );
    expect(added.filter((name) => name.startsWith('@'))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['live.sock', 'lock']);
    await lease.release();
  });

  it('is held by a socket in a directory of any length', async () => {
    const deep = join(folder, 'a'.repeat(90), 'b'.repeat(90));
    mkdirSync(deep, { recursive: true });
    const lease = await liveness.lease(deep);
    expect(readdirSync(deep)).toContain('live.sock');
    writeFileSync(join(deep, 'lock'), '');
    expect(await liveness.isAlive(deep)).toBe(true);
    await lease.release();
    expect(readdirSync(deep)).toEqual([]);
  });

  it('is nobody’s when its socket is mute, whatever its number', async () => {
    const other = join(temporaryFolder(), basename(folder));
    mkdirSync(other);
    const lease = await liveness.lease(folder);
    // The same words, with a live process number, in a directory where nobody listens.
    writeFileSync(join(other, 'lock'), readFileSync(lock));
    expect(await liveness.isAlive(other)).toBe(false);
    leaveDeadSocket(join(other, SOCKET));
    expect(readdirSync(other)).toContain(SOCKET);
    expect(await liveness.isAlive(other)).toBe(false);
    await lease.release();
  });

  it('is held from another container for as long as its socket answers, and not a moment longer', async () => {
    const lease = await liveness.lease(folder);
    const held = readFileSync(lock, 'utf8');
    writeFileSync(
      lock,
      JSON.stringify({ ...(JSON.parse(held) as object), space: 'another', pid: 1 }),
    );
    setLastSign(170_000);
    expect(await liveness.isAlive(folder)).toBe(true);
    rmSync(join(folder, SOCKET));
    leaveDeadSocket(join(folder, SOCKET));
    setLastSign(0);
    expect(await liveness.isAlive(folder)).toBe(false);
    await lease.release();
  });

  it('is held by process, thread and start where no socket could be had', async () => {
    const lease = await liveness.lease(folder);
    forge({});
    expect(await liveness.isAlive(folder)).toBe(true);
    forge({ started: '1' });
    expect(await liveness.isAlive(folder)).toBe(false);
    await lease.release();
  });

  it('is nobody’s once the thread has ended that held it, although its process lives', async () => {
    const lease = await liveness.lease(folder);
    forge({ thread: '999999999' });
    expect(await liveness.isAlive(folder)).toBe(false);
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
  const ELSEWHERE = [
    ['another container without a socket', { space: 'another' }],
    ['another machine', { space: 'another', host: `not-${hostname()}`, boot: 'another' }],
  ] as const;

  it.each(ELSEWHERE)('is nobody’s at once from %s after three minutes', async (_, changes) => {
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

  it.each(ELSEWHERE)('is nobody’s from %s when four signs fail to come', async (_, changes) => {
    const lease = await liveness.lease(folder);
    forge(changes);
    await lease.release();
    writeFileSync(lock, await lockText(changes));
    setLastSign(20_000);
    expect(await liveness.isAlive(folder)).toBe(true);
    await clock.advance(39_000);
    expect(await liveness.isAlive(folder)).toBe(true);
    await clock.advance(1_000);
    expect(await liveness.isAlive(folder)).toBe(false);
  });

  it('is held by who gives signs by a clock that goes wrong by two minutes', async () => {
    writeFileSync(lock, await lockText(ELSEWHERE[1][1]));
    for (let sign = 0; sign < 20; sign += 1) {
      setLastSign(120_000);
      expect(await liveness.isAlive(folder)).toBe(true);
      await clock.advance(10_000);
    }
  });

  it('is waited for longer when an earlier version holds it, which gives fewer signs', async () => {
    writeFileSync(lock, await lockText({ ...ELSEWHERE[1][1], beatMs: undefined }));
    setLastSign(-60_000);
    expect(await liveness.isAlive(folder)).toBe(true);
    await clock.advance(170_000);
    expect(await liveness.isAlive(folder)).toBe(true);
  });

  async function lockText(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const lease = await liveness.lease(folder);
    const held = JSON.parse(readFileSync(lock, 'utf8')) as object;
    await lease.release();
    return JSON.stringify({ ...held, socket: false, file: '', ...changes });
  }
});

// In a container whose temporary files are on an overlay nothing can be told.
const numbered = (await fileNumber(tmpdir())) !== '';

describe.skipIf(!numbered)('a copy of a directory from elsewhere', () => {
  const ELSEWHERE = { space: 'another', host: `not-${hostname()}`, boot: 'another' };

  async function copy(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const lease = await liveness.lease(folder);
    forge({ ...ELSEWHERE, ...changes });
    const copied = join(temporaryFolder(), basename(folder));
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
