import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { clientIn, testEmulator } from '../support/test-client.ts';

const FAULTS: Readonly<Record<string, Fault>> = {
  'a server error': { status: 500 },
  'a reset': { reset: 'before' },
  'no answer at all': { hang: true },
  'a refusal of the event': { status: 400 },
  'a refusal like that of a wrong key': { status: 403 },
};

const GOOD = 40;
const QUICK = { timeoutMs: 100, deadlineMs: 20_000 };

const named = (eventName: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ eventName, payload: { index } }));

interface Case {
  readonly name: string;
  readonly fault: Fault;
  readonly count: number;
  readonly disk: boolean;
}

const CASES: readonly Case[] = Object.entries(FAULTS).flatMap(([name, fault]) =>
  [1, 2, 5, 300].flatMap((count) => [
    // One after the other at 200 ms, so many take longer than any deadline.
    ...(count > 5 && fault.status === 403 ? [] : [{ name, fault, count, disk: false }]),
    { name, fault, count, disk: true },
  ]),
);

describe.each(MODES)('events that get a bad answer for what is in them, %s,', (_mode, options) => {
  // What takes long is not told apart by where it runs.
  const cases = CASES.filter(({ count }) => options.worker !== true || count === 5);

  it.each(cases)('keep back no other: $count with $name, spool: $disk', async (given) => {
    const { fault, count, disk } = given;
    const emulator = await testEmulator();
    const isPoison = ({ body }: { readonly body: string }): boolean => body.includes('poison');
    emulator.fail({ ...fault, times: Infinity, when: isPoison });
    const spool = disk ? { directory: temporaryFolder() } : undefined;
    const client = clientIn(options)(emulator.url, { ...QUICK, spool });
    await client.send({ eventName: 'good', payload: {} });
    for (const event of named('poison', count)) client.sendAsync(event);
    await expect.poll(() => emulator.requests().length).toBeGreaterThan(1);
    for (const event of named('good', GOOD)) client.sendAsync(event);
    const arrived = (): number => emulator.events().length;
    await expect.poll(arrived, { timeout: 28_000 }).toBe(GOOD + 1);
    expectBalance(client.stats());
  });
});
