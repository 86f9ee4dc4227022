import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';

const ROUNDS = 20;
const EVENTS = 50;

/** The first thing that a process says from now on. */
function said(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve) => {
    child.stdout.once('data', (text: Buffer) => {
      resolve(text.toString().trim());
    });
  });
}

it('is done by exactly one of two processes that begin at once, round after round', async () => {
  const emulator = await testEmulator();
  const env = { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY };
  emulator.fail({ status: 503, times: Number.POSITIVE_INFINITY });
  const left = join(temporaryFolder(), 'left');
  await runScript('test/process/fixtures/spool-writer.js', {
    args: [left, 'left'],
    env,
    onOutput(text, kill) {
      if (text.split('\n').length > EVENTS) kill('SIGKILL');
    },
  });
  emulator.heal();
  const counts = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const directory = join(temporaryFolder(), 'spool');
    cpSync(left, directory, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const adopters = ['first', 'second'].map(() =>
      spawn(process.execPath, ['test/process/fixtures/spool-adopter.js', directory], {
        cwd: REPOSITORY,
        env: { ...process.env, ...env },
      }),
    );
    onTestFinished(() => {
      for (const each of adopters) each.kill('SIGKILL');
    });
    await Promise.all(adopters.map(said));
    const answers = adopters.map(said);
    for (const each of adopters) each.stdin.end();
    counts.add((await Promise.all(answers)).sort((a, b) => Number(a) - Number(b)).join(' and '));
    for (const each of adopters) each.kill('SIGKILL');
  }
  expect([...counts]).toEqual([expect.stringMatching(/^0 and [5-9]\d$|^0 and \d{3}$/)]);
}, 120_000);
