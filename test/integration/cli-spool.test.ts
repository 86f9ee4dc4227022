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
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { fileNumber } from '../../src/spool/node-liveness.ts';
import type { Ended } from '../support/fake-io.ts';
import { runCommand } from '../support/fake-io.ts';
import { leftSpool } from '../support/left-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';

// In a container whose temporary files are on an overlay nothing can be told.
const numbered = (await fileNumber(tmpdir())) !== '';
const ALWAYS = { times: Number.POSITIVE_INFINITY };

/** Runs the command in this process; a client reads the variables of its process. */
function spoolAt(directory: string, ...args: readonly string[]): Promise<Ended> {
  return runCommand(['spool', ...args, '--dir', directory]);
}

describe('immutablelog spool', () => {
  let emulator: Emulator;
  let directory: string;

  beforeEach(async () => {
    emulator = await testEmulator();
    directory = await leftSpool(emulator);
    vi.stubEnv('IMTBL_URL', emulator.url);
    vi.stubEnv('IMTBL_API_KEY', TEST_KEY);
  });

  const spool = (...args: readonly string[]): Promise<Ended> => spoolAt(directory, ...args);

  it('shows what waits, by writer, and what is in quarantine', async () => {
    const { exitCode, out } = await spool('status');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^WRITER +PROCESS +EVENTS +BYTES +OLDEST +DAMAGED\n/);
    expect(out).toMatch(/\n\S+ +gone +5 +\d+ +\d+s +0\n/);
    expect(out).toContain('5 waiting, 1 in quarantine, 0 damaged parts kept');
  });

  it('lists events without their payloads', async () => {
    const { exitCode, out } = await spool('list');
    expect(exitCode).toBe(0);
    expect(out.match(/order\.placed +key-\d/g)).toHaveLength(5);
    expect(out).not.toContain('customer_email');
  });

  it('lists what the ledger refused, with status and reason', async () => {
    const { exitCode, out } = await spool('quarantine');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/ 422 +poison +key-0 +unknown trail\n/);
  });

  it('shows an event once that was kept twice, since a kill came in between', async () => {
    const quarantine = join(directory, 'quarantine');
    const [name = ''] = readdirSync(quarantine);
    writeFileSync(join(quarantine, 'next.jsonl'), readFileSync(join(quarantine, name)));
    const { out } = await spool('status');
    expect(out).toContain('5 waiting, 1 in quarantine');
  });

  it('exports what the ledger refused, with all there is about it', async () => {
    const { exitCode, out } = await spool('quarantine', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      idempotency_key: 'key-0',
      status: 422,
      reason: 'unknown trail',
      body: expect.stringContaining('poison'),
    });
    expect(out).not.toContain('ana@example.com');
  });

  it('exports each event with the body that would be sent, redacted', async () => {
    const { exitCode, out } = await spool('export');
    expect(exitCode).toBe(0);
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

  it('works on a copy from another machine', async () => {
    emulator.heal();
    const copy = join(temporaryFolder(), 'copy');
    cpSync(directory, copy, { recursive: true });
    directory = copy;
    expect((await spool('replay')).exitCode).toBe(0);
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
      expect((await spool('replay')).exitCode).toBe(0);
      expect(emulator.events()).toHaveLength(5);
    },
  );

  it('keeps what the ledger does not take, and says why', async () => {
    emulator.heal();
    emulator.fail({ status: 429, ...ALWAYS });
    const { exitCode, err, out } = await spool('replay');
    expect(exitCode).toBe(1);
    expect(err).toContain('The quota of the ledger is used up');
    expect(out).toContain('0 sent (0 were there already), 0 into quarantine, 5 left');
    expect((await spool('status')).out).toContain('5 waiting');
  });

  it.each(['list', 'export'])('does not keep quiet at %s about what is missing', async (action) => {
    const [writer = ''] = readdirSync(join(directory, 'v1'));
    const segment = join(directory, 'v1', writer, '00000001.seg');
    const bytes = readFileSync(segment);
    bytes[bytes.indexOf('key-3') + 20] = 0;
    writeFileSync(segment, bytes);
    const { exitCode, out, err } = await spool(action);
    expect(exitCode).toBe(1);
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
    const { exitCode, err } = await spool('replay');
    expect(exitCode).toBe(1);
    expect(err).toContain(`This spool cannot be taken over (${code})`);
    expect(emulator.events()).toEqual([]);
  });
});

describe('immutablelog spool where there is none', () => {
  it.each([
    [['sing'], 'Name what to do'],
    [['status', '--port', '1'], 'Unknown option'],
    [['export', '--json'], 'with quarantine only'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { exitCode, err } = await spoolAt(temporaryFolder(), ...args);
    expect(exitCode).toBe(2);
    expect(err).toContain(sentence);
  });

  it.each(['status', 'list', 'export', 'quarantine', 'replay'])(
    'says at %s that there is no spool where there is none, and makes none',
    async (action) => {
      const directory = join(temporaryFolder(), 'nowhere');
      const { exitCode, err } = await spoolAt(directory, action);
      expect(exitCode).toBe(1);
      expect(err).toContain('There is no spool to be read here (ENOENT)');
      expect(existsSync(directory)).toBe(false);
    },
  );

  it.each(['status', 'list', 'export', 'quarantine', 'replay'])(
    'says at %s that a file is no spool',
    async (action) => {
      const directory = join(temporaryFolder(), 'file');
      writeFileSync(directory, 'not a spool');
      const { exitCode, err } = await spoolAt(directory, action);
      expect(exitCode).toBe(1);
      expect(err).toContain('There is no spool to be read here (ENOTDIR)');
    },
  );
});
