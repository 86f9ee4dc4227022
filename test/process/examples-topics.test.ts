import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { runScript } from '../support/run-script.ts';
import { DENO, FULL_RUNTIMES, describeOn } from '../support/runtimes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator({ apiKey: 'local' });
});

afterEach(() => ledger.close());

const environment = (): Readonly<Record<string, string>> => ({
  IMTBL_URL: ledger.url,
  IMTBL_API_KEY: 'local',
});

const eventNames = (): readonly string[] => ledger.events().map(({ eventName }) => eventName);

describe('the example of the redaction', () => {
  it('prints what is left of a record, the counts and a digest', async () => {
    const { exit, out } = await runScript('examples/redaction/main.js');
    expect(exit).toBe(0);
    expect(out).toMatch(/^\{"patient":\{"name_hash":"[0-9a-f]{64}"\},"note":"write to \[email /);
    expect(out).toContain('\nCPF [cpf]\n');
    expect(out).toMatch(/hash: \{ text: 1, email: 1 \}/);
    expect(out).not.toContain('ana@example.com');
  });

  it('has samples in which its rules leave two places that look personal', async () => {
    const { exit, out } = await runScript('dist/cli/bin.js', {
      args: [
        ...['doctor', '--redaction', 'examples/redaction/samples.jsonl'],
        ...['--rules', 'examples/redaction/rules.json'],
      ],
    });
    expect(exit).toBe(1);
    const [rules = '', left = ''] = out.split('STILL LOOKS PERSONAL');
    for (const action of ['hash', 'mask', 'drop', 'truncate']) expect(rules).toContain(action);
    expect(left.match(/^attributes\.\S+/gm)).toEqual([
      'attributes.client.address',
      'attributes.support.email',
    ]);
  });
});

describeOn(FULL_RUNTIMES, 'the example of the spool', (run) => {
  it('sends what a killed run has left, beside its own', async () => {
    const env = { ...environment(), IMTBL_SPOOL_DIR: `${temporaryFolder()}/spool` };
    ledger.fail({ status: 503, times: Number.POSITIVE_INFINITY });
    const killed = await run('examples/spool/main.js', { args: ['--crash'], env });
    expect({ exit: killed.exit, out: killed.out }).toEqual({
      exit: 'SIGKILL',
      out: '3 events on disk\n',
    });
    expect(ledger.events()).toEqual([]);
    ledger.heal();
    const { exit, out } = await run('examples/spool/main.js', { env });
    expect({ exit, out }).toEqual({
      exit: 0,
      out: '3 events on disk\n{"accepted":6,"recovered":3,"spooled":0}\n',
    });
    expect(ledger.events()).toHaveLength(6);
  });
});

describeOn(FULL_RUNTIMES, 'the example of the worker thread', (run) => {
  it.each(['false', 'true'])('sends all of its events with IMTBL_WORKER=%s', async (worker) => {
    const env = { ...environment(), IMTBL_WORKER: worker };
    const { exit, out } = await run('examples/worker-thread/main.js', { env });
    expect(exit).toBe(0);
    expect(out).toMatch(/^\{"accepted":2000,"mainThreadBusyMs":\d+\}\n$/);
    expect(ledger.events()).toHaveLength(2_000);
  });
});

describe('the example of the emulator', () => {
  it('passes its tests', async () => {
    const { exit, out } = await runScript('--test', { args: ['examples/emulator/orders.test.js'] });
    expect(exit).toBe(0);
    expect(out).toMatch(/^# pass 3$/m);
  });
});

describeOn([{ ...DENO, args: ['test', '--allow-all'] }], 'the example of the emulator', (run) => {
  it('passes its tests', async () => {
    const { exit, out } = await run('examples/emulator/orders.test.js');
    expect(exit).toBe(0);
    expect(out).toContain('3 passed');
  });
});

describe('the example of the flag', () => {
  it.each([
    ['the environment', {}],
    ['its configuration file', { OTEL_CONFIG_FILE: 'examples/register/otel.yaml' }],
  ])('makes an event of its request and ends in order, set up by %s', async (_name, more) => {
    let answered: Promise<Response> | undefined;
    let kill: ((signal: NodeJS.Signals) => void) | undefined;
    const ended = runScript('--import', {
      args: ['opentelemetry-exporter-immutablelog/register', 'examples/register/server.js'],
      env: { ...environment(), ...more, PORT: '0' },
      onOutput(soFar, killChild) {
        kill = killChild;
        const url = /^(http:\S+)\n/m.exec(soFar)?.[1];
        if (url !== undefined) answered ??= fetch(url, { headers: { connection: 'close' } });
      },
    });
    await expect.poll(eventNames).toEqual(['GET']);
    await expect(answered).resolves.toBeInstanceOf(Response);
    kill?.('SIGTERM');
    expect((await ended).exit).toBe(0);
  });
});

describe('the example of the command line', () => {
  it('leaves one event for a backup, also when it is started twice', async () => {
    const cache = temporaryFolder();
    const backup = (): ReturnType<typeof runScript> =>
      runScript('examples/command-line/backup.sh', {
        command: 'sh',
        args: ['118', 'examples'],
        // npx remembers where it found a command, also in folders that are gone by now.
        env: { ...environment(), npm_config_cache: cache },
      });
    const { exit, out } = await backup();
    expect(exit).toBe(0);
    expect(out).toMatch(/^duplicate +false$/m);
    expect((await backup()).out).toMatch(/^duplicate +true$/m);
    expect(eventNames()).toEqual(['backup.finished']);
    expect(ledger.events()[0]?.type).toBe('success');
    expect(ledger.events()[0]?.payload).toMatch(/^\{"bytes":\d{4,},"number":118\}$/);
  });
});
