import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A database that was started for a test. */
export interface Database {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; nobody may own its files as well as anybody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Where a program of Debian's PostgreSQL is; `undefined` where there is none. */
export function postgresProgram(name: string): string | undefined {
  const root = '/usr/lib/postgresql';
  const [version] = existsSync(root) ? readdirSync(root).sort().toReversed() : [];
  const path = version === undefined ? '' : join(root, version, 'bin', name);
  return existsSync(path) ? path : undefined;
}

/** Whether a program is on the path. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version']).status === 0;
}

async function accepts(port: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the database did not come up');
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

function ownFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  if (NOBODY.uid !== undefined) chownSync(folder, NOBODY.uid, NOBODY.gid);
  return folder;
}

/** Starts PostgreSQL with a directory and a port of its own. */
export async function startPostgres(): Promise<Database> {
  const folder = ownFolder('postgres-');
  const data = join(folder, 'data');
  const options = { cwd: folder, ...NOBODY };
  const made = spawnSync(
    postgresProgram('initdb') ?? '',
    ['-D', data, '-U', 'test', '--auth=trust', '--no-sync', '--locale=C'],
    options,
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${String(made.stderr)}`);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
  const server = spawn(
    postgresProgram('postgres') ?? '',
    ['-D', data, '-p', String(port), '-F', ...settings],
    { ...options, stdio: 'ignore' },
  );
  await accepts(port);
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    stop: () => stopped(server, folder),
  };
}

/** Starts Redis, which keeps nothing. */
export async function startRedis(): Promise<Database> {
  const folder = ownFolder('redis-');
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const server = spawn('redis-server', ['--port', String(port), ...settings], {
    stdio: 'ignore',
    ...NOBODY,
  });
  await accepts(port);
  return { url: `redis://127.0.0.1:${port}`, stop: () => stopped(server, folder) };
}
