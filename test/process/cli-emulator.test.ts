import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/run-script.ts';
import { post } from '../support/sample-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BIN = join(REPOSITORY, 'dist/cli/bin.js');

let child: ChildProcessByStdio<null, Readable, Readable>;
let out = '';
let err = '';

function start(...args: readonly string[]): Promise<number | string> {
  child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  out = '';
  err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? String(signal));
    });
  });
}

async function untilPrinted(pattern: RegExp): Promise<void> {
  while (!pattern.test(out)) await once(child.stdout, 'data');
}

async function emulatorUrl(): Promise<string> {
  await untilPrinted(/IDEMPOTENCY KEY\n/);
  return /http:\/\/\S+/.exec(out)?.[0] ?? 'no URL printed';
}

afterEach(() => {
  child.kill('SIGKILL');
});

describe('the built command line', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'shows an event, and ends in order on %s',
    async (signal) => {
      const exited = start('emulator', '--port', '0');
      expect((await post(await emulatorUrl())).status).toBe(202);
      await untilPrinted(/success +user\.created +billing .* key-1\n/);
      child.kill(signal);
      await expect(exited).resolves.toBe(0);
      expect(out).toMatch(/1 events, 0 repeats, 0 refused; chain verified, head [0-9a-f]{64}\n$/);
      expect(err).toBe('');
    },
  );

  it('has every answered event after a kill -9', async () => {
    const directory = temporaryFolder();
    const killed = start('emulator', '--port', '0', '--directory', directory);
    await post(await emulatorUrl());
    child.kill('SIGKILL');
    await expect(killed).resolves.toBe('SIGKILL');
    const exited = start('emulator', '--port', '0', '--directory', directory);
    const again = await post(await emulatorUrl());
    await expect(again.json()).resolves.toMatchObject({ ok: true, duplicate: true });
    child.kill('SIGTERM');
    await expect(exited).resolves.toBe(0);
    expect(out).toContain('1 events, 1 repeats, 0 refused; chain verified');
  });

  it('ends when nobody reads its output any more', async () => {
    const exited = start('emulator', '--port', '0');
    const url = await emulatorUrl();
    child.stdout.destroy();
    await post(url);
    await expect(exited).resolves.toBe(0);
  });

  it('prints its version and exits 0', async () => {
    await expect(start('--version')).resolves.toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('exits 2 on a command it does not know', async () => {
    await expect(start('emulatr')).resolves.toBe(2);
    expect(err).toMatch(/^immutablelog: Unknown command\.\n/);
    expect(out).toBe('');
  });
});
