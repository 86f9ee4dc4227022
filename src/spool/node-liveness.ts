import process from 'node:process';
import type { Clock } from '../runtime/clock.ts';
import type { Liveness } from './directory.ts';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, open, readFile, statfs, unlink, utimes } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * File systems that one kernel has to itself, and on which a file keeps its number for life: ext,
 * XFS, Btrfs, tmpfs, ZFS, F2FS. Those of the network and of virtual machines are left out: there,
 * each machine may see other numbers.
 */
const LASTING: ReadonlySet<number> = new Set([
  0xef_53, 0x58_46_53_42, 0x91_23_68_3e, 0x01_02_19_94, 0x2f_c1_2f_c1, 0xf2_f5_20_10,
]);

/** The number of a file that every process sees that sees the file; empty where none is known. */
export async function fileNumber(path: string): Promise<string> {
  if (process.platform !== 'linux') return '';
  try {
    const [{ type }, { ino }] = await Promise.all([statfs(path), lstat(path, { bigint: true })]);
    return LASTING.has(type) ? String(ino) : '';
  } catch {
    return '';
  }
}

/** Whether a file is surely not the one that had a number. */
export async function isCopy(path: string, number: string): Promise<boolean> {
  if (number === '') return false;
  const here = await fileNumber(path);
  return here !== '' && here !== number;
}

const LOCK = 'lock';
/** A holder that cannot be asked says so often that it is there, ms. */
const HEARTBEAT_MS = 60_000;
/** Without such a sign for so long it is not, ms. */
const SILENCE_MS = 180_000;

/** Who holds a directory, as its lock file says. */
interface Holder {
  readonly pid: number;
  /** Start of the process, so that a number used again is not taken for it. */
  readonly started: string;
  readonly boot: string;
  readonly host: string;
  /** Name space of processes and of the network: within one, the holder can be asked. */
  readonly space: string;
  /** Number of the lock file itself, which a copy of it does not have. */
  readonly file: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The 22nd field of Linux's process status, behind the name, which may hold spaces. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function self(): Omit<Holder, 'file'> {
  return {
    pid: process.pid,
    started: startOf(process.pid),
    boot: read('/proc/sys/kernel/random/boot_id'),
    host: hostname(),
    space: `${link('/proc/self/ns/pid')} ${link('/proc/self/ns/net')}`,
  };
}

function isRunning({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return started === '' || startOf(pid) === started;
}

/** An abstract socket is gone with its process, or thread, and leaves no file. */
async function socketName(lock: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { dev, ino } = await lstat(lock);
  const name = createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32);
  return `\0immutablelog-${name}`;
}

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(name, () => {
      resolve(server);
    });
  });
}

function answers(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(name);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = value as Partial<Record<keyof Holder, unknown>>;
    const { pid, started, boot, host, space, file = '' } = fields;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return undefined;
    return {
      pid,
      started: String(started),
      boot: String(boot),
      host: String(host),
      space: String(space),
      file: String(file),
    };
  } catch {
    return undefined;
  }
}

async function writeLock(lock: string): Promise<void> {
  const handle = await open(lock, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify({ ...self(), file: await fileNumber(lock) }));
  } finally {
    await handle.close();
  }
}

/** Asks the operating system. */
export function createNodeLiveness(clock: Clock): Liveness {
  async function holderOf(lock: string): Promise<Holder | undefined> {
    return parseHolder(await readFile(lock, 'utf8').catch(() => ''));
  }

  async function isAlive(directory: string): Promise<boolean> {
    const lock = join(directory, LOCK);
    const holder = await holderOf(lock);
    if (holder === undefined) return false;
    const me = self();
    if (holder.boot === me.boot && holder.space === me.space) {
      const name = await socketName(lock);
      return name === undefined ? isRunning(holder) : answers(name);
    }
    // The same machine, started anew.
    if (holder.host === me.host && holder.boot !== me.boot) return false;
    // Who lives writes into the file that it made, which stands where the copy was taken from.
    if (await isCopy(lock, holder.file)) return false;
    const { mtimeMs } = await lstat(lock);
    // A sign from the future was given before the clock was set back, and says nothing.
    return Math.abs(clock.wallTime() - mtimeMs) < SILENCE_MS;
  }

  return {
    async lease(directory) {
      const lock = join(directory, LOCK);
      await writeLock(lock);
      const name = await socketName(lock);
      const server = name === undefined ? undefined : await listen(name);
      let stop = (): void => {};
      const beat = (): void => {
        const now = clock.wallTime() / 1_000;
        void utimes(lock, now, now).catch(() => {});
        stop = clock.after({ ms: HEARTBEAT_MS, hold: 'background', run: beat });
      };
      stop = clock.after({ ms: HEARTBEAT_MS, hold: 'background', run: beat });
      return {
        async release() {
          stop();
          server?.close();
          await unlink(lock).catch(() => {});
        },
      };
    },
    async isAlive(directory) {
      try {
        return await isAlive(directory);
      } catch {
        // It went away meanwhile: somebody else took it.
        return true;
      }
    },
  };
}
