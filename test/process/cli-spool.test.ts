import { beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { leftSpool } from '../support/left-spool.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

let emulator: Emulator;
let directory: string;

beforeEach(async () => {
  emulator = await testEmulator();
  directory = await leftSpool(emulator);
});

function spool(...args: readonly string[]): Promise<ScriptResult> {
  return runScript('dist/cli/bin.js', {
    args: ['spool', ...args, '--dir', directory],
    env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
  });
}

describe('the built immutablelog spool', () => {
  it('sends what waits, with a bar, and leaves nothing', async () => {
    emulator.heal();
    const { exit, out, err } = await spool('replay');
    expect([exit, out]).toEqual([0, '5 sent (0 were there already), 0 into quarantine, 0 left\n']);
    expect(err).toContain('[##############################] 5/5');
    expect(emulator.events()).toHaveLength(5);
    expect((await spool('replay')).out).toBe('Nothing is waiting.\n');
  });

  it('does not send what a running process holds', async () => {
    const client = testClient(emulator.url, { spool: { directory } });
    await expect.poll(() => client.stats().recovered).toBe(5);
    const { exit, err } = await spool('replay');
    expect(exit).toBe(1);
    expect(err).toMatch(/A running process \(\S+\) holds this spool and sends it itself/);
  });
});
