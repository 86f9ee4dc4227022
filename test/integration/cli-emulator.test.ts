import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { headersWith, post } from '../support/sample-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createFakeIo } from '../support/fake-io.ts';
import type { FakeIo } from '../support/fake-io.ts';

let io: FakeIo;

beforeEach(() => {
  io = createFakeIo();
});

afterEach(() => {
  io.end();
});

/** Starts the command on a free port and waits for its URL. */
async function start(
  ...options: readonly string[]
): Promise<{ url: string; exitCode: Promise<number> }> {
  const exitCode = run(['emulator', '--port', '0', ...options], io);
  await expect.poll(() => io.out()).toContain('IDEMPOTENCY KEY');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(io.out())?.[0];
  return { url: url ?? 'no URL printed', exitCode };
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const answer = await post(url, init);
  await answer.text();
  return answer.status;
}

describe('immutablelog emulator', () => {
  it('prints each event and each refusal, then counts and verdict', async () => {
    const { url, exitCode } = await start();
    expect([await statusOf(url), await statusOf(url), await statusOf(url, { body: '{}' })]).toEqual(
      [202, 202, 400],
    );
    io.end();
    await expect(exitCode).resolves.toBe(0);
    const [place, , event, refusal, summary] = io.out().split('\n');
    expect(place).toBe(`ImmutableLog emulator at ${url} (page: ${url}/)`);
    expect(event).toMatch(/success +user\.created +billing .* key-1$/);
    expect(refusal).toContain('REFUSED  400 the body must be');
    expect(summary).toMatch(/^1 events, 1 repeats, 1 refused; chain verified, head [0-9a-f]{64}$/);
    expect(io.err()).toBe('');
  });

  it('listens on the address of its option, says who can read it, and shows the page by name', async () => {
    const { url, exitCode } = await start('--host', '0.0.0.0', '--allow-host', 'emulator,ledger');
    expect(io.err().split('\n')).toEqual([
      expect.stringMatching(/^immutablelog: listening beyond this machine, on 0\.0\.0\.0: /),
      '',
    ]);
    expect(await statusOf(url)).toBe(202);
    for (const [host, status] of [
      ['emulator:4800', 200],
      ['ledger', 200],
      ['other', 403],
    ] as const) {
      const [answer] = (await once(request(url, { headers: { host } }).end(), 'response')) as [
        IncomingMessage,
      ];
      expect(answer.resume().statusCode).toBe(status);
    }
    io.end();
    await exitCode;
  });

  it.each([
    [['--host', 'emulator'], 'host must be an IP address, or localhost.'],
    [['--allow-host', 'emulator:4800'], 'allowHosts must be names of hosts, without a port.'],
  ])('does not start with %j', async (options, mistake) => {
    await expect(run(['emulator', '--port', '0', ...options], io)).resolves.toBe(1);
    expect(io.err()).toBe(`immutablelog: ${mistake}\n`);
  });

  it('lets in the key of its option only, and does not print it', async () => {
    const { url, exitCode } = await start('--api-key', 'iml_live_right');
    const headers = headersWith({ authorization: 'Bearer iml_live_right' });
    expect([await statusOf(url), await statusOf(url, { headers })]).toEqual([401, 202]);
    io.end();
    await exitCode;
    expect(io.out()).not.toContain('iml_live');
  });

  it('says in one sentence that the port is in use', async () => {
    await using taken = await createEmulator();
    const { port } = new URL(taken.url);
    await expect(run(['emulator', '--port', port], io)).resolves.toBe(1);
    expect(io.err()).toBe(
      `immutablelog: Port ${port} is in use; choose another with --port, or --port 0 for any free one.\n`,
    );
  });

  it.each(['http', '-1', '1.5', '65536', ''])('refuses the port %j', async (port) => {
    await expect(run(['emulator', `--port=${port}`], io)).resolves.toBe(2);
    expect(io.err()).toContain('The port must be a whole number from 0 to 65535.');
  });

  it('ends at once when it was told to before it began', async () => {
    io.end();
    await expect(run(['emulator', '--port', '0'], io)).resolves.toBe(0);
    expect(io.out()).toContain('0 events, 0 repeats, 0 refused; chain verified');
  });
});

describe('immutablelog emulator --directory', () => {
  let directory: string;

  beforeEach(() => {
    directory = temporaryFolder();
  });

  async function sealOne(): Promise<string> {
    const { url, exitCode } = await start('--directory', directory);
    await statusOf(url);
    io.end();
    await exitCode;
    return join(directory, 'ledger.jsonl');
  }

  it('names the broken event of a ledger that was changed, and exits 1', async () => {
    const file = await sealOne();
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('user.created', 'user.deleted'));
    io = createFakeIo();
    const { exitCode } = await start('--directory', directory);
    io.end();
    await expect(exitCode).resolves.toBe(1);
    expect(io.out()).toContain('CHAIN BROKEN at event 1: ');
  });

  it('says that it cannot read a ledger that is damaged', async () => {
    const file = await sealOne();
    writeFileSync(file, 'no entry\n');
    io = createFakeIo();
    await expect(run(['emulator', '--port', '0', '--directory', directory], io)).resolves.toBe(1);
    expect(io.err()).toBe('immutablelog: ledger.jsonl is damaged: line 1 is not a ledger entry.\n');
  });

  it('says that it cannot use a directory that is a file', async () => {
    const file = await sealOne();
    io = createFakeIo();
    await expect(run(['emulator', '--port', '0', '--directory', file], io)).resolves.toBe(1);
    expect(io.err()).toMatch(/^immutablelog: The emulator cannot start \(E[A-Z]+\)\.\n$/);
  });
});
