import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { fileNumber } from '../../src/spool/node-liveness.ts';
import { expectBalance } from '../support/balance.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient, testEmulator, TEST_KEY } from '../support/test-client.ts';

// In a container whose temporary files are on an overlay nothing can be told.
const numbered = (await fileNumber(tmpdir())) !== '';
const ALWAYS = { times: Number.POSITIVE_INFINITY };

let emulator: Emulator;
let directory: string;

function spool(...args: readonly string[]): Promise<ScriptResult> {
  return runScript('dist/cli/bin.js', {
    args: ['spool', ...args, '--dir', directory],
    env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
  });
}

const event = (index: number, eventName = 'order.placed') => ({
  eventName,
  idempotencyKey: `key-${index}`,
  payload: { index, customer_email: 'ana@example.com' },
});

/** A service that ended in an outage with five events on disk and one in quarantine. */
async function leave(): Promise<void> {
  const client = testClient(emulator.url, { spool: { directory } });
  const refuse = { status: 422, body: '{"ok":false,"reason":"unknown trail"}', ...ALWAYS };
  emulator.fail({ ...refuse, when: ({ body }) => body.includes('poison') });
  await client.record(event(0, 'poison'));
  await expect.poll(() => client.stats().quarantined).toBe(1);
  emulator.fail({ status: 503, ...ALWAYS });
  for (let index = 1; index <= 5; index += 1) await client.record(event(index));
  await client.close();
  expectBalance(client.stats());
}

beforeEach(async () => {
  emulator = await testEmulator();
  directory = join(temporaryFolder(), 'spool');
  await leave();
});

describe('immutablelog spool', () => {
  it('shows what waits, by writer, and what is in quarantine', async () => {
    const { exit, out } = await spool('status');
    expect(exit).toBe(0);
    expect(out).toMatch(/^WRITER +PROCESS +EVENTS +BYTES +OLDEST +DAMAGED\n/);
    expect(out).toMatch(/\n\S+ +gone +5 +\d+ +\d+s +0\n/);
    expect(out).toContain('5 waiting, 1 in quarantine, 0 damaged parts kept');
  });

  it('lists events without their payloads', async () => {
    const { exit, out } = await spool('list');
    expect(exit).toBe(0);
    expect(out.match(/order\.placed +key-\d/g)).toHaveLength(5);
    expect(out).not.toContain('customer_email');
  });

  it('lists what the ledger refused, with status and reason', async () => {
    const { exit, out } = await spool('quarantine');
    expect(exit).toBe(0);
    expect(out).toMatch(/ 422 +poison +key-0 +unknown trail\n/);
  });

  it('exports what the ledger refused, with all there is about it', async () => {
    const { exit, out } = await spool('quarantine', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      idempotency_key: 'key-0',
      status: 422,
      reason: 'unknown trail',
      body: expect.stringContaining('poison'),
    });
    expect(out).not.toContain('ana@example.com');
  });

  it('exports each event with the body that would be sent, redacted', async () => {
    const { exit, out } = await spool('export');
    expect(exit).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines.map((line) => line['idempotency_key'])).toEqual(
      [1, 2, 3, 4, 5].map((index) => `key-${index}`),
    );
    for (const { body = '' } of lines) {
      expect(JSON.parse(body)).toMatchObject({ meta: { event_name: 'order.placed' } });
      expect(body).toContain('customer_email_hash');
      expect(body).not.toContain('ana@example.com');
    }
  });

  it('sends what waits, with a bar, and leaves nothing', async () => {
    emulator.heal();
    const { exit, out, err } = await spool('replay');
    expect([exit, out]).toEqual([0, '5 sent (0 were there already), 0 into quarantine, 0 left\n']);
    expect(err).toContain('[##############################] 5/5');
    expect(emulator.events()).toHaveLength(5);
    expect((await spool('replay')).out).toBe('Nothing is waiting.\n');
  });

  it('works on a copy from another machine', async () => {
    emulator.heal();
    const copy = join(temporaryFolder(), 'copy');
    cpSync(directory, copy, { recursive: true });
    directory = copy;
    expect((await spool('replay')).exit).toBe(0);
    expect(emulator.events()).toHaveLength(5);
  });

  it.skipIf(!numbered)(
    'works at once on a copy from another machine where the process is alive',
    async () => {
      emulator.heal();
      const copy = join(temporaryFolder(), 'copy');
      cpSync(directory, copy, { recursive: true });
      directory = copy;
      const [writer = ''] = readdirSync(join(copy, 'v1'));
      const elsewhere = { pid: 1, started: '1', boot: 'b', host: 'h', space: 's', file: '1' };
      writeFileSync(join(copy, 'v1', writer, 'lock'), JSON.stringify(elsewhere));
      expect((await spool('status')).out).toMatch(/\n\S+ +gone +5 /);
      expect((await spool('replay')).exit).toBe(0);
      expect(emulator.events()).toHaveLength(5);
    },
  );

  it('keeps what the ledger does not take, and says why', async () => {
    emulator.heal();
    emulator.fail({ status: 429, ...ALWAYS });
    const { exit, err, out } = await spool('replay');
    expect(exit).toBe(1);
    expect(err).toContain('The quota of the ledger is used up');
    expect(out).toContain('0 sent (0 were there already), 0 into quarantine, 5 left');
    expect((await spool('status')).out).toContain('5 waiting');
  });

  it('does not send what a running process holds', async () => {
    const client = testClient(emulator.url, { spool: { directory } });
    await expect.poll(() => client.stats().recovered).toBe(5);
    const { exit, err } = await spool('replay');
    expect(exit).toBe(1);
    expect(err).toMatch(/A running process \(\S+\) holds this spool and sends it itself/);
  });

  it.each([
    [['sing'], 'Name what to do'],
    [['status', '--port', '1'], 'Unknown option'],
    [['export', '--json'], 'with quarantine only'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { exit, err } = await spool(...args);
    expect(exit).toBe(2);
    expect(err).toContain(sentence);
  });

  it.each(['status', 'list', 'export', 'quarantine', 'replay'])(
    'says at %s that there is no spool where there is none, and makes none',
    async (action) => {
      directory = join(temporaryFolder(), 'nowhere');
      const { exit, err } = await spool(action);
      expect(exit).toBe(1);
      expect(err).toContain('There is no spool to be read here (ENOENT)');
      expect(existsSync(directory)).toBe(false);
    },
  );

  it.each(['status', 'list', 'export', 'quarantine', 'replay'])(
    'says at %s that a file is no spool',
    async (action) => {
      directory = join(temporaryFolder(), 'file');
      writeFileSync(directory, 'not a spool');
      const { exit, err } = await spool(action);
      expect(exit).toBe(1);
      expect(err).toContain('There is no spool to be read here (ENOTDIR)');
    },
  );

  it.each(['list', 'export'])('does not keep quiet at %s about what is missing', async (action) => {
    const [writer = ''] = readdirSync(join(directory, 'v1'));
    const segment = join(directory, 'v1', writer, '00000001.seg');
    const bytes = readFileSync(segment);
    bytes[bytes.indexOf('key-3') + 20] = 0;
    writeFileSync(segment, bytes);
    const { exit, out, err } = await spool(action);
    expect(exit).toBe(1);
    expect(out).not.toContain('key-3');
    expect(out).toContain('key-5');
    expect(err).toContain('1 part of the spool is damaged and not shown');
  });

  it.each([
    [
      'a link',
      'ENOTDIR',
      () => {
        symlinkSync(directory, `${directory}-link`);
        directory = `${directory}-link`;
      },
    ],
    [
      'writable by others',
      'EWRITABLEBYOTHERS',
      () => {
        chmodSync(directory, 0o777);
      },
    ],
  ])('shows a spool that is %s, and does not send it', async (_, code, spoil) => {
    emulator.heal();
    spoil();
    expect((await spool('status')).out).toContain('5 waiting');
    const { exit, err } = await spool('replay');
    expect(exit).toBe(1);
    expect(err).toContain(`This spool cannot be taken over (${code})`);
    expect(emulator.events()).toEqual([]);
  });
});
