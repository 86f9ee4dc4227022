import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
/** Enough for one look at what others have left. */
const AT_ONCE = { timeout: 10_000 };

let emulator: Emulator;
let directory: string;

beforeEach(async () => {
  emulator = await testEmulator();
  directory = temporaryFolder();
});

const UNSHARE = '/usr/bin/unshare';
const NEW_SPACES = ['--pid', '--fork', '--kill-child', '--mount-proc', '--uts', '--'];
const separable = spawnSync(UNSHARE, [...NEW_SPACES, 'true']).status === 0;

interface Container {
  /** The keys that it has stored; once it was killed. */
  end(): Promise<readonly string[]>;
}

/** A writer that is process 1 in name spaces of its own; resolves once it has stored something. */
function startContainer(host: string, word: string): Promise<Container> {
  const command = `hostname ${host}; exec "$0" test/process/fixtures/spool-writer.js "$1" "$2"`;
  return new Promise((resolve, reject) => {
    const ended = runScript('--pid', {
      command: UNSHARE,
      args: [...NEW_SPACES.slice(1), 'sh', '-c', command, process.execPath, directory, word],
      env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
      onOutput(_, kill) {
        resolve({
          async end() {
            kill('SIGKILL');
            return (await ended).out.split('\n').slice(0, -1);
          },
        });
      },
    });
    ended.then(({ err }) => {
      reject(new Error(`the writer ended by itself: ${err}`));
    }, reject);
  });
}

const keysOf = (word: string): readonly string[] =>
  emulator
    .events()
    .map(({ idempotencyKey }) => idempotencyKey)
    .filter((key) => key.startsWith(word));

describe.skipIf(!separable)('containers that share a volume', () => {
  it.each(['shop', 'another'])(
    'send what one of them has left as soon as one is started again as process 1 (host %s)',
    async (host) => {
      emulator.fail({ status: 503, ...ALWAYS });
      const first = await startContainer('shop', 'first');
      const stored = await first.end();
      emulator.heal();
      const second = await startContainer(host, 'second');
      await expect
        .poll(() => new Set(keysOf('first')).size, AT_ONCE)
        .toBeGreaterThanOrEqual(stored.length);
      await second.end();
      expect(stored.filter((key) => !keysOf('first').includes(key))).toEqual([]);
    },
    60_000,
  );

  it('leave each other alone while both live', async () => {
    emulator.fail({ status: 503, ...ALWAYS });
    const first = await startContainer('shop', 'first');
    const client = testClient(emulator.url, { spool: { directory } });
    await client.record({ eventName: 'order.placed', payload: {} });
    await client.flush();
    expect(client.stats()).toMatchObject({ recovered: 0, spooled: 1 });
    await first.end();
    await client.close();
    const next = testClient(emulator.url, { spool: { directory } });
    await next.flush();
    expect(next.stats().recovered).toBeGreaterThan(1);
  }, 60_000);
});
