import { expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { DENO, describeOn } from '../support/runtimes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient, TEST_KEY } from '../support/test-client.ts';
import { clientSuite } from './runtime-suites.ts';

const FIXTURES = 'test/process/fixtures';

function environment({ url }: Emulator): Readonly<Record<string, string>> {
  return { IMTBL_URL: url, IMTBL_API_KEY: TEST_KEY };
}

describeOn([DENO], 'the client', clientSuite);

describeOn([DENO], 'the client with a worker', (run) => {
  clientSuite((script, options = {}) =>
    run(script, { ...options, env: { ...options.env, IMTBL_WORKER: 'true' } }),
  );
});

describeOn([DENO], 'the spool', (run) => {
  it.each(['false', 'true'])(
    'keeps what is sent from disk, with IMTBL_WORKER=%s',
    async (worker) => {
      await using ledger = await createEmulator({ apiKey: TEST_KEY });
      const directory = `${temporaryFolder()}/spool`;
      const env = {
        ...environment(ledger),
        IMTBL_REDACT_KEY: `test:${Buffer.alloc(32, 7).toString('base64')}`,
        IMTBL_SPOOL_DIR: directory,
        IMTBL_WORKER: worker,
      };
      const { exit, out, err } = await run(`${FIXTURES}/runtime-client.js`, {
        args: ['sendAsync', '{}'],
        env,
      });
      expect({ exit, err }).toEqual({ exit: 0, err: '' });
      expect(JSON.parse(out)).toMatchObject({ stats: { emitted: 10 }, warnings: [] });
      const rest = testClient(ledger.url, { spool: { directory } });
      await rest.flush();
      expect(ledger.events()).toHaveLength(10);
    },
  );

  it('gives the next process what a killed one has stored', async () => {
    await using ledger = await createEmulator({ apiKey: TEST_KEY });
    ledger.fail({ status: 503, times: Infinity });
    const directory = `${temporaryFolder()}/spool`;
    const { exit, out } = await run(`${FIXTURES}/spool-writer.js`, {
      args: [directory, 'deno'],
      env: environment(ledger),
      onOutput(soFar, kill) {
        if (soFar.split('\n').length > 20) kill('SIGKILL');
      },
    });
    expect(exit).toBe('SIGKILL');
    ledger.heal();
    const rest = testClient(ledger.url, { spool: { directory } });
    await expect.poll(() => rest.stats().recovered).toBeGreaterThan(0);
    await expect.poll(() => rest.stats().spool?.events).toBe(0);
    const keys = ledger.events().map(({ idempotencyKey }) => idempotencyKey);
    const stored = out.split('\n').slice(0, -1);
    expect(stored.filter((key) => !keys.includes(key))).toEqual([]);
  });
});

describeOn([DENO], 'the emulator', (run) => {
  it('serves a client of its own process, by CommonJS', async () => {
    const { exit, out, err } = await run(`${FIXTURES}/common-js.cjs`);
    expect({ exit, out, err }).toEqual({ exit: 0, out: 'accepted 1 true\n', err: '' });
  });

  it('serves other processes, with its page, until it is ended', async () => {
    let served: Promise<readonly [string, string]> | undefined;
    const visit = async (url: string): Promise<readonly [string, string]> => {
      const client = testClient(url, { apiKey: 'iml_live_any' });
      const { status } = await client.send({ eventName: 'fixture.sent', payload: {} });
      const page = await fetch(url);
      return [status ?? '', page.headers.get('content-type') ?? ''];
    };
    const { exit } = await run('dist/cli/bin.js', {
      args: ['emulator', '--port', '0'],
      onOutput(soFar, kill) {
        const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(soFar)?.[1];
        if (url === undefined || served !== undefined) return;
        served = visit(url);
        served.finally(() => kill('SIGTERM')).catch(() => {});
      },
    });
    expect(await served).toEqual(['accepted', expect.stringMatching(/^text\/html/)]);
    expect(exit).toBe(0);
  });
});
