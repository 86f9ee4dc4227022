import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
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
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

// In a container whose temporary files are on an overlay nothing can be told.
const numbered = (await fileNumber(tmpdir())) !== '';
const ALWAYS = { times: Number.POSITIVE_INFINITY };

/** Runs the command in this process; a client reads the variables of its process. */
function spoolAt(directory: string, ...args: readonly string[]): Promise<Ended> {
  return runCommand(['spool', ...args, '--dir', directory], process.env);
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

  describe('quarantine --replay', () => {
    const kept = (): readonly string[] => readdirSync(join(directory, 'quarantine'));
    const keysIn = async (): Promise<readonly string[]> => {
      const { out } = await spool('quarantine', '--json');
      const lines = out.split('\n').filter((line) => line !== '');
      return lines.map((line) => String(Object(JSON.parse(line))['idempotency_key'])).sort();
    };

    it('sends again what was refused, with the same bytes, and takes it out', async () => {
      const [refused] = emulator.requests();
      emulator.heal();
      const { exitCode, out, err } = await spool('quarantine', '--replay');
      expect({ exitCode, out, err }).toEqual({
        exitCode: 0,
        out: '1 sent (0 were there already), 0 refused again, 0 left\n',
        err: '',
      });
      const again = emulator.requests().at(-1);
      expect(again?.body).toBe(refused?.body);
      for (const name of ['idempotency-key', 'request-id']) {
        expect(again?.headers[name]).toBe(refused?.headers[name]);
      }
      expect(kept()).toEqual([]);
      expect((await spool('quarantine', '--replay')).out).toBe('Nothing is in quarantine.\n');
    });

    it('keeps what is refused again, and lines that are no events', async () => {
      emulator.heal();
      emulator.fail({ status: 400 });
      const [name = ''] = kept();
      const path = join(directory, 'quarantine', name);
      const line = readFileSync(path, 'utf8');
      writeFileSync(path, `${line}{"cut": "of`);
      const { exitCode, out } = await spool('quarantine', '--replay');
      expect({ exitCode, out }).toEqual({
        exitCode: 1,
        out: '0 sent (0 were there already), 1 refused again, 0 left\n',
      });
      const [left = '', ...others] = kept();
      expect(others).toEqual([]);
      expect(readFileSync(join(directory, 'quarantine', left), 'utf8')).toBe(
        `${line}{"cut": "of\n`,
      );
    });

    it.each([
      ['the key is refused', { status: 401 }, /unauthorized \(HTTP 401/],
      ['the quota is used up', { status: 429 }, /quota_exhausted/],
      ['the ledger fails', { status: 503 }, /retries_exhausted|deadline/],
    ])(
      'stops, and loses nothing, when %s',
      async (_, fault, why) => {
        emulator.heal();
        emulator.fail({ ...fault, ...ALWAYS });
        const keys = await keysIn();
        const { exitCode, out, err } = await spool('quarantine', '--replay');
        expect(exitCode).toBe(1);
        expect(out).toBe('0 sent (0 were there already), 0 refused again, 1 left\n');
        expect(err).toContain('Nothing more was sent: ');
        expect(err).toMatch(why);
        expect(await keysIn()).toEqual(keys);
      },
      40_000,
    );

    it('goes on with what a replay left that was killed', async () => {
      emulator.heal();
      const [name = ''] = kept();
      const quarantine = join(directory, 'quarantine');
      renameSync(join(quarantine, name), join(quarantine, `replay-${name}`));
      cpSync(join(quarantine, `replay-${name}`), join(quarantine, `left-1-${name}`));
      const { out } = await spool('quarantine', '--replay');
      expect(out).toBe('2 sent (1 were there already), 0 refused again, 0 left\n');
      expect(kept()).toEqual([]);
    });

    it('loses nothing of what a running process puts there meanwhile', async () => {
      emulator.heal();
      const refuse = ({ body }: { readonly body: string }): boolean => body.includes('refuse me');
      emulator.fail({ status: 422, ...ALWAYS, when: refuse });
      const client = testClient(emulator.url, { spool: { directory } });
      await expect.poll(() => client.stats().accepted).toBe(5);
      const all = Array.from({ length: 60 }, (_, index) => `late-${index}`);
      const putting = (async () => {
        for (const idempotencyKey of all) {
          await client.record({ eventName: 'late', idempotencyKey, payload: 'refuse me' });
          await expect.poll(() => client.stats().spool?.events, { interval: 1 }).toBe(0);
        }
      })();
      for (let turn = 0; turn < 12; turn += 1) await spool('quarantine', '--replay');
      await putting;
      expect(await keysIn()).toEqual([...all].sort());
      emulator.heal();
      await spool('quarantine', '--replay');
      expect(emulator.events().map(({ idempotencyKey }) => idempotencyKey)).toEqual(
        expect.arrayContaining(all),
      );
      expect(await keysIn()).toEqual([]);
    });
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
    expect(err).toContain(`This spool cannot be taken over (${code}: ${directory} `);
    expect(emulator.events()).toEqual([]);
  });
});

describe('immutablelog spool where there is none', () => {
  it.each([
    [['sing'], 'Name what to do'],
    [['status', '--port', '1'], 'Unknown option'],
    [['export', '--json'], 'with quarantine only'],
    [['status', '--replay'], 'with quarantine only'],
    [['quarantine', '--replay', '--json'], 'without --json'],
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
