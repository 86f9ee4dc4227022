import process from 'node:process';
import { codeOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Lease, Liveness } from './directory.ts';
import { LOCK, SOCKET } from './directory.ts';
import { readFileSync, readlinkSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { chmod, lstat, open, readFile, statfs, unlink, utimes } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

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

/** A holder that cannot be asked says so often that it is there, ms. */
const HEARTBEAT_MS = 10_000;
/** So many signs that fail to come mean that it is not there. */
const MISSED_SIGNS = 4;
/** An earlier version of the package gave a sign so often, ms, and did not say so. */
const UNSAID_HEARTBEAT_MS = 60_000;
/** Without a sign for so long it is not there, whatever was seen before, ms. */
const SILENCE_MS = 180_000;
/** Bytes of the words of a lock: new ones go over the old ones, and need no room. */
const LOCK_BYTES = 512;

/** Who holds a directory, as its lock file says. */
interface Holder {
  readonly pid: number;
  /** The thread of the process, so that one that ended is not there because others are. */
  readonly thread: string;
  /** Start of the thread, so that a number used again is not taken for it. */
  readonly started: string;
  readonly boot: string;
  readonly host: string;
  /** Name space of processes: within one, the numbers of processes mean something. */
  readonly space: string;
  /** Number of the lock file itself, which a copy of it does not have. */
  readonly file: string;
  /** The directory it was written for: after a take-over by another one it says nothing. */
  readonly name: string;
  /** Whether the holder listens at the socket in the directory. */
  readonly socket: boolean;
  /** How often it gives a sign, ms. */
  readonly beatMs: number;
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

/** The 22nd field of Linux's status of a process or thread, behind the name, which may hold spaces. */
function startOf(pid: number, thread: string): string {
  const stat = read(thread === '' ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function self(): Omit<Holder, 'file' | 'name' | 'socket' | 'beatMs'> {
  const thread = basename(link('/proc/thread-self'));
  return {
    pid: process.pid,
    thread,
    started: startOf(process.pid, thread),
    boot: read('/proc/sys/kernel/random/boot_id'),
    host: hostname(),
    space: link('/proc/self/ns/pid'),
  };
}

/** Where the system names no start of its own, the name of the machine has to do. */
function isSameKernel(a: Pick<Holder, 'boot' | 'host'>, b: Pick<Holder, 'boot' | 'host'>): boolean {
  return a.boot === b.boot && (a.boot !== '' || a.host === b.host);
}

function isRunning({ pid, thread, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  return started === '' || startOf(pid, thread) === started;
}

/** Longest path that an address of a socket holds everywhere; a longer one would be cut off. */
const MOST_ADDRESS_BYTES = 100;

/** An address of the socket in a directory, for as long as it is not closed. */
interface Address {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * A socket in the directory, which is 0700: only the owner of the spool can bind or ask it. It is
 * reached from every container on the machine that sees the volume, and is mute once its process,
 * or thread, is gone. A path that is too long is reached by way of an open directory.
 */
async function addressIn(directory: string): Promise<Address | undefined> {
  if (process.platform !== 'linux') return undefined;
  const path = join(directory, SOCKET);
  if (Buffer.byteLength(path) <= MOST_ADDRESS_BYTES) {
    return { path, close: () => Promise.resolve() };
  }
  const handle = await open(directory, 'r');
  return { path: `/proc/self/fd/${handle.fd}/${SOCKET}`, close: () => handle.close() };
}

/** Exclusive, for a worker of Node's cluster would listen in its primary, which outlives it. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    // Also later: without a listener, an error at accepting would end the process.
    server.on('error', () => {
      resolve(undefined);
    });
    server.listen({ path, exclusive: true }, () => {
      resolve(server);
    });
  });
}

/** Errors of a socket at which nobody listens, and of one that is not there. */
const MUTE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      // Who is asked too often, or may not be asked, is there.
      resolve(!MUTE.has(codeOf(error) ?? ''));
    });
  });
}

/** Whether somebody listens in a directory. */
async function isListened(directory: string): Promise<boolean> {
  // Looked at first without blocking: asking a disk that hangs would hang the event loop.
  if ((await lstat(join(directory, SOCKET)).catch(() => undefined)) === undefined) return false;
  const address = await addressIn(directory);
  if (address === undefined) return false;
  try {
    return await answers(address.path);
  } finally {
    await address.close();
  }
}

/** Listens in a directory; `undefined` where that cannot be had. */
async function listenIn(directory: string): Promise<(() => Promise<void>) | undefined> {
  // One that somebody who is gone has left.
  await unlink(join(directory, SOCKET)).catch(() => {});
  const address = await addressIn(directory).catch(() => undefined);
  if (address === undefined) return undefined;
  const server = await listen(address.path);
  await chmod(address.path, 0o600).catch(() => {});
  // Not every file system hands on what is asked.
  if (server !== undefined && (await answers(address.path))) {
    return () => new Promise((resolve) => server.close(() => void address.close().then(resolve)));
  }
  server?.close();
  await address.close();
  return undefined;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = value as Partial<Record<keyof Holder, unknown>>;
    const { pid, thread = '', started, boot, host, space, file = '', name = '' } = fields;
    const { socket, beatMs } = fields;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return undefined;
    return {
      pid,
      thread: String(thread),
      started: String(started),
      boot: String(boot),
      host: String(host),
      // An earlier version named the network too.
      space: String(space).split(' ')[0] ?? '',
      file: String(file),
      name: String(name),
      socket: socket === true,
      beatMs: typeof beatMs === 'number' ? beatMs : UNSAID_HEARTBEAT_MS,
    };
  } catch {
    return undefined;
  }
}

/** Writes who holds it over what is in a lock. */
async function writeHolder(handle: FileHandle, lock: string, socket: boolean): Promise<void> {
  const name = basename(dirname(lock));
  const holder = { ...self(), file: await fileNumber(lock), name, socket, beatMs: HEARTBEAT_MS };
  const words = Buffer.from(JSON.stringify(holder).padEnd(LOCK_BYTES));
  for (let at = 0; at < words.length;) {
    at += (await handle.write(words, at, words.length - at, at)).bytesWritten;
  }
}

async function markLock(lock: string, flags: 'wx' | 'r+', socket: boolean): Promise<void> {
  const handle = await open(lock, flags, 0o600);
  try {
    await writeHolder(handle, lock, socket);
  } finally {
    await handle.close();
  }
}

/** Marks a directory, and gives signs until it is let go. */
async function mark(clock: Clock, directory: string, flags: 'wx' | 'r+'): Promise<Lease> {
  const lock = join(directory, LOCK);
  // At first without the socket: who looks in between then asks for the process.
  await markLock(lock, flags, false);
  const stopListening = await listenIn(directory);
  if (stopListening !== undefined) await markLock(lock, 'r+', true).catch(() => {});
  let stop = (): void => {};
  let giving = false;
  const beat = (): void => {
    if (!giving) void sign();
    stop = clock.after({ ms: HEARTBEAT_MS, hold: 'background', run: beat });
  };
  // One at a time: on a disk that hangs, each more would take a thread of Node's four, and with them
  // name look-ups and all files of the application.
  const sign = async (): Promise<void> => {
    giving = true;
    const now = clock.wallTime() / 1_000;
    await utimes(lock, now, now).catch(() => {});
    giving = false;
  };
  stop = clock.after({ ms: HEARTBEAT_MS, hold: 'background', run: beat });
  return {
    async release() {
      stop();
      await stopListening?.();
      await unlink(join(directory, SOCKET)).catch(() => {});
      await unlink(lock).catch(() => {});
    },
  };
}

/** A time stamp of a lock and when it was first seen, on the monotonic clock (ms). */
interface Sign {
  readonly mtimeMs: number;
  readonly seenAt: number;
}

/**
 * Asks the operating system.
 *
 * Nothing that decides can be done by another user: on the same kernel the socket in the private
 * directory, or number and start of the thread, for others the sign in the lock that comes again and
 * again. Whether that still comes is told by this process's own clock: those of two machines differ.
 */
export function createNodeLiveness(clock: Clock): Liveness {
  const signs = new Map<string, Sign>();

  async function holderOf(lock: string): Promise<Holder | undefined> {
    return parseHolder(await readFile(lock, 'utf8').catch(() => ''));
  }

  async function givesSigns(lock: string, { beatMs }: Holder): Promise<boolean> {
    const { mtimeMs } = await lstat(lock);
    // A sign from the future was given before the clock was set back, and says nothing.
    if (Math.abs(clock.wallTime() - mtimeMs) >= SILENCE_MS) return false;
    const known = signs.get(lock);
    const sign = known?.mtimeMs === mtimeMs ? known : { mtimeMs, seenAt: clock.now() };
    signs.set(lock, sign);
    return clock.now() - sign.seenAt < beatMs * MISSED_SIGNS;
  }

  async function isAlive(directory: string): Promise<boolean> {
    const lock = join(directory, LOCK);
    const holder = await holderOf(lock);
    if (holder === undefined) return isListened(directory);
    // Somebody else has taken it over since.
    if (holder.name !== '' && holder.name !== basename(directory)) return false;
    const me = self();
    if (isSameKernel(holder, me)) {
      // From another machine the socket would be mute, whoever listens there.
      if (await isListened(directory)) return true;
      if (holder.socket || (await isCopy(lock, holder.file))) return false;
      return holder.space === me.space ? isRunning(holder) : givesSigns(lock, holder);
    }
    // The same machine, started anew.
    if (holder.host === me.host) return false;
    // Who lives writes into the file that it made, which stands where the copy was taken from.
    return !(await isCopy(lock, holder.file)) && givesSigns(lock, holder);
  }

  return {
    async lease(directory) {
      try {
        return await mark(clock, directory, 'wx');
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') await unlink(join(directory, LOCK)).catch(() => {});
        throw error;
      }
    },
    async retake(directory) {
      try {
        return await mark(clock, directory, 'r+');
      } catch {
        // There is none, and no room to make one: the socket alone has to do, or the name.
        const stopListening = await listenIn(directory);
        return {
          async release() {
            await stopListening?.();
            await unlink(join(directory, SOCKET)).catch(() => {});
          },
        };
      }
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
