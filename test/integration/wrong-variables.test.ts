import { diag } from '@opentelemetry/api';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ImmutableLogClient } from '../../src/client.ts';
import { listOptions } from '../../src/config/option-table.ts';
import type { ClientOptions } from '../../src/config/options.ts';
import { otelDiagnostics } from '../../src/runtime/diagnostics.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';
import type { Trap } from '../support/trap.ts';
import { openTrap, trapEnvironment } from '../support/trap.ts';
import { STOPS_ALL, WRONG_VALUES } from '../support/wrong-variables.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };

const ROWS = Object.entries(WRONG_VALUES).flatMap(([name, values]) =>
  values.map((value) => [name, value] as const),
);
const STOPPING = ROWS.filter(([name]) => STOPS_ALL.has(name));
const OTHERS = ROWS.filter(([name]) => !STOPS_ALL.has(name));
const FIRST_OF_EACH = Object.entries(WRONG_VALUES).map(
  ([name, [value = '']]) => [name, value] as const,
);

function clientOf(options: ClientOptions = {}): ImmutableLogClient {
  const client = new ImmutableLogClient({ deadlineMs: 2_000, shutdownTimeoutMs: 100, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function testTrap(): Promise<Trap> {
  const trap = await openTrap();
  onTestFinished(() => trap.close());
  return trap;
}

function setAll(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** What people see where nobody has set a logger up. */
function warnings(): readonly string[] {
  const lines: string[] = [];
  vi.spyOn(process, 'emitWarning').mockImplementation(
    (warning) => void lines.push(String(warning)),
  );
  return lines;
}

/** What goes to a logger; how many events were lost is told apart from why. */
function logged(): readonly string[] {
  const lines: string[] = [];
  const write = (...words: readonly unknown[]): void => {
    if (!/event\(s\) lost/.test(words.join(' '))) lines.push(words.join(' '));
  };
  const logger = { error: write, warn: write, info: write, debug: write, verbose: write };
  diag.setLogger(logger, { suppressOverrideMessage: true });
  // What was said of the clients before there was a logger.
  otelDiagnostics.catchUp();
  lines.length = 0;
  onTestFinished(() => {
    diag.disable();
  });
  return lines;
}

function expectOneLine(lines: readonly string[], name: string, value: string): void {
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(name);
  expect(lines[0]).not.toContain('hunter2');
  // A short value may well be a part of another word.
  expect(value.length > 8 && lines[0]?.includes(value)).toBe(false);
}

beforeEach(() => {
  for (const name of Object.keys(WRONG_VALUES)) vi.stubEnv(name, undefined);
});

describe('a wrong value for a variable', () => {
  it('is known here for each variable that there is, ten times', () => {
    const known = listOptions().flatMap(({ variable }) => variable ?? []);
    expect(Object.keys(WRONG_VALUES)).toEqual(expect.arrayContaining(known));
    for (const values of Object.values(WRONG_VALUES)) expect(values.length).toBeGreaterThan(9);
  });

  it.each([...STOPS_ALL])('would lead into the trap, if %s were right', async (name) => {
    const trap = await testTrap();
    setAll(trapEnvironment(trap, name));
    await expect(clientOf().send(event)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(trap.visits()).toBeGreaterThan(0);
  });

  it('would lead into the trap, if the default ledger were meant', async () => {
    const trap = await testTrap();
    setAll(trapEnvironment(trap, 'IMTBL_URL'));
    vi.stubEnv('IMTBL_URL', undefined);
    await expect(clientOf().send(event)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(trap.visits()).toBeGreaterThan(0);
  });

  it.each(STOPPING)('sends nothing and says why once: %s=%j', async (name, value) => {
    const trap = await testTrap();
    setAll({ ...trapEnvironment(trap, name), [name]: value });
    const lines = warnings();
    const client = clientOf();
    const error: unknown = await client.send(event).catch((reason: unknown) => reason);
    client.sendAsync(event);
    await client.flush();
    expect(error).toMatchObject({ code: 'config_invalid' });
    expect(String(error)).toContain(name);
    expect(client.stats()).toMatchObject({ accepted: 0, dropped: { unauthorized: 2 } });
    expect(trap.visits()).toBe(0);
    expectOneLine(lines, name, value);
  });

  it.each(OTHERS)('costs nothing but itself, and is told once: %s=%j', async (name, value) => {
    const trap = await testTrap();
    const ledger = await testEmulator();
    setAll({ ...trapEnvironment(trap, name), IMTBL_URL: ledger.url, [name]: value });
    const lines = warnings();
    await clientOf({ apiKey: TEST_KEY }).send(event);
    expect(ledger.requests()).toHaveLength(1);
    expect(trap.visits()).toBe(0);
    expectOneLine(lines, name, value);
  });

  it.each(FIRST_OF_EACH)(
    'is the same from a worker, and in the words of a logger: %s=%j',
    async (name, value) => {
      const trap = await testTrap();
      const ledger = await testEmulator();
      const stops = STOPS_ALL.has(name);
      setAll(trapEnvironment(trap, name));
      if (!stops) vi.stubEnv('IMTBL_URL', ledger.url);
      vi.stubEnv(name, value);
      const lines = logged();
      // Another mistake than in the tests before, of which each is told once.
      vi.stubEnv(name, `${value} `);
      const client = clientOf({ worker: true, deadlineMs: 20_000 });
      const sent = await client.sendBatch([event]);
      expect(sent).toMatchObject([stops ? { error: { code: 'config_invalid' } } : { ok: true }]);
      expect(client.stats().accepted).toBe(stops ? 0 : 1);
      expect(ledger.requests()).toHaveLength(stops ? 0 : 1);
      expect(trap.visits()).toBe(0);
      await client.close();
      expectOneLine(lines, name, value);
    },
  );
});

describe('a variable whose name is mistyped', () => {
  it.each([
    ['IMTBL_ULR', 'IMTBL_URL'],
    ['IMTBL_URI', 'IMTBL_URL'],
    ['IMTBL_APIKEY', 'IMTBL_API_KEY'],
    ['IMTBL_REDACTKEY', 'IMTBL_REDACT_KEY'],
    ['IMTBL_REDACT_KEYS', 'IMTBL_REDACT_KEY'],
    ['IMTBL_REDACT_RULE', 'IMTBL_REDACT_RULES'],
    ['IMTBL_REDACTION_MODE', 'IMTBL_REDACT_MODE'],
    ['IMTBL_REDACT_DETEKT', 'IMTBL_REDACT_DETECT'],
  ])('stops all where it was to say where or how: %s for %s', async (name, meant) => {
    const trap = await testTrap();
    const { [meant]: right = '', ...rest } = trapEnvironment(trap, meant);
    setAll({ ...rest, [name]: right });
    const lines = warnings();
    await expect(clientOf().send(event)).rejects.toMatchObject({ code: 'config_invalid' });
    expect(trap.visits()).toBe(0);
    expect(lines).toEqual([expect.stringContaining(`${name} cannot be used`)]);
    expect(lines[0]).toContain(`did you mean ${meant}?`);
  });

  it('costs nothing beside the right one', async () => {
    const ledger = await testEmulator();
    setAll({ IMTBL_URL: ledger.url, IMTBL_REDACT_KEY: `k1:${'A'.repeat(44)}` });
    vi.stubEnv('IMTBL_URLS', 'https://other.test');
    const lines = warnings();
    await clientOf({ apiKey: TEST_KEY }).send(event);
    expect(lines).toEqual([expect.stringContaining('did you mean IMTBL_URL?')]);
  });
});
