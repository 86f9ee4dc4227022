import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import type { Ended } from '../support/fake-io.ts';
import { createFakeIo, runCommand } from '../support/fake-io.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testEmulator } from '../support/test-client.ts';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await testEmulator({ apiKey: 'right' });
});

function send(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin = '',
): Promise<Ended> {
  const bytes = Buffer.from(stdin);
  return runCommand(
    ['send', ...args],
    { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'right', ...env },
    // In two pieces, the first of which ends within a character.
    [bytes.subarray(0, 10), bytes.subarray(10)],
  );
}

const NAMED = ['--event-name', 'user.created'];

describe('immutablelog send', () => {
  it('records an event whose payload is on the command line, redacted, and prints its receipt', async () => {
    const { exitCode, out, err } = await send(
      [...NAMED, '--type', 'success', '--payload', '{"user.email":"ana@example.com","n":1}'],
      { IMTBL_SERVICE_NAME: 'nightly', IMTBL_ENV: 'staging' },
    );
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const [event] = ledger.events();
    expect(event?.meta).toMatchObject({
      event_name: 'user.created',
      type: 'success',
      service: 'nightly',
      env: 'staging',
    });
    expect(JSON.parse(event?.payload ?? '')).toEqual({
      n: 1,
      'user.email_hash': '8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11',
    });
    expect(out).toMatch(new RegExp(`^tx_id +${event?.txId}\\nstatus +accepted\\nduplicate +false`));
  });

  it('takes the payload from a file', async () => {
    const file = join(temporaryFolder(), 'payload.json');
    writeFileSync(file, '[1,2]');
    expect(await send([...NAMED, '--payload', `@${file}`])).toMatchObject({ exitCode: 0 });
    expect(ledger.events()[0]?.payload).toBe('[1,2]');
    expect(ledger.events()[0]?.type).toBe('info');
  });

  it('takes the payload from standard input, in UTF-8', async () => {
    const stdin = '{"name":"São José"}';
    expect(await send([...NAMED, '--payload', '-'], {}, stdin)).toMatchObject({ exitCode: 0 });
    expect(ledger.events()[0]?.payload).toBe(stdin);
  });

  it('records one event per idempotency key, and says so in JSON', async () => {
    const args = [...NAMED, '--payload', '1', '--idempotency-key', 'k-1', '--trail', 't', '--json'];
    await send([...args, '--request-id', 'r-1']);
    const { out } = await send([...args, '--request-id', 'r-1']);
    expect(JSON.parse(out)).toMatchObject({ duplicate: true, idempotencyKey: 'k-1' });
    expect(ledger.events()).toHaveLength(1);
    expect(ledger.events()[0]?.meta).toMatchObject({ request_id: 'r-1', immutable_trail: 't' });
  });

  it('says why the ledger did not take it, and exits 1', async () => {
    const { exitCode, out, err } = await send([...NAMED, '--payload', '1'], {
      IMTBL_API_KEY: 'wrong-key',
    });
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toBe(
      'immutablelog: Not recorded, unauthorized: the ledger cannot be used as configured; check ' +
        'apiKey and url (HTTP 401).\n',
    );
  });

  it.each([
    [{ IMTBL_API_KEY: '' }, 'IMTBL_API_KEY is not set.'],
    [{ IMTBL_URL: 'http://user:hidden@h' }, 'IMTBL_URL cannot be used: expected an https URL'],
    [{ IMTBL_REDACT_KEY: 'short' }, 'IMTBL_REDACT_KEY cannot be used'],
    [{ IMTBL_UNKNOWN: 'x' }, 'IMTBL_UNKNOWN cannot be used'],
  ])('sends nothing with the environment %j', async (env, mistake) => {
    const { exitCode, err } = await send([...NAMED, '--payload', '1'], env);
    expect(exitCode).toBe(1);
    expect(err).toContain(`immutablelog: ${mistake}`);
    expect(err).not.toContain('hidden');
    expect(ledger.requests()).toEqual([]);
  });

  it.each([
    ['{secret', '--payload is not JSON in UTF-8.'],
    ['@/missing/file', 'The file of --payload cannot be read (ENOENT).'],
    ['-', 'Standard input is not JSON in UTF-8.'],
  ])('sends nothing with the payload %j, which it never repeats', async (payload, mistake) => {
    const { exitCode, err } = await send([...NAMED, '--payload', payload]);
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: `immutablelog: ${mistake}\n` });
    expect(ledger.requests()).toEqual([]);
  });

  it('gives up a ledger that hangs when it is told to end', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const io = createFakeIo();
    const env = { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'right' };
    const exitCode = run(['send', ...NAMED, '--payload', '1'], { ...io, env });
    await expect.poll(() => ledger.requests().length).toBe(1);
    io.end();
    await expect(exitCode).resolves.toBe(1);
    expect(io.err()).toContain('Not recorded, aborted');
  });

  it.each([
    [['--payload', '1'], 'Name the event with --event-name.'],
    [NAMED, 'Give the payload with --payload: @FILE, - for standard input, or JSON.'],
    [
      [...NAMED, '--payload', '1', '--type', 'fatal'],
      'The type must be success, info, error or warning.',
    ],
    [[...NAMED, '{"a":1}'], 'This command takes options only.'],
  ])('is refused with its help when it is %j', async (args, mistake) => {
    const { exitCode, err } = await send(args);
    expect(exitCode).toBe(2);
    expect(err).toContain(`immutablelog: ${mistake}\n\nUsage: immutablelog send`);
  });
});
