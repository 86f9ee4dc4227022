import { expect, it } from 'vitest';
import { expectBalance } from '../support/balance.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient, testEmulator, TEST_KEY } from '../support/test-client.ts';

const WRITERS = ['a', 'b', 'c', 'd', 'e', 'f'];

it('processes that start at once in a new directory lose nothing and send nothing twice', async () => {
  const emulator = await testEmulator();
  const directory = `${temporaryFolder()}/deep/spool`;
  const endings = await Promise.all(
    WRITERS.map((word) =>
      runScript('test/process/fixtures/spool-writer.js', {
        args: [directory, word],
        env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
        onOutput(out, kill) {
          if (out.split('\n').length > 50) kill('SIGKILL');
        },
      }),
    ),
  );
  expect(endings.map(({ exit, err }) => [exit, err])).toEqual(WRITERS.map(() => ['SIGKILL', '']));
  const client = testClient(emulator.url, { spool: { directory } });
  await expect.poll(() => client.stats().recovered).toBeGreaterThan(0);
  await expect.poll(() => client.stats().spool?.events).toBe(0);
  expectBalance(client.stats());
  const keys = emulator.events().map(({ idempotencyKey }) => idempotencyKey);
  const stored = endings.flatMap(({ out }) => out.split('\n').slice(0, -1));
  expect(stored.filter((key) => !keys.includes(key))).toEqual([]);
  expect(keys).toHaveLength(new Set(keys).size);
}, 60_000);
