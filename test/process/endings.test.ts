import { describe, expect, it } from 'vitest';
import { API_KEY } from '../support/otel-setup.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { testEmulator } from '../support/test-client.ts';

const FIXTURES = 'test/process/fixtures/endings';
/** Spans, log records and direct events: ten of each. */
const EVENTS = 30;

function run(url: string, file: string, ...args: readonly string[]): Promise<ScriptResult> {
  return runScript(`${FIXTURES}/${file}`, {
    args,
    env: { IMTBL_URL: url, IMTBL_API_KEY: API_KEY, IMTBL_SERVICE_NAME: 'fixture' },
  });
}

const ENDINGS = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['natural', 7],
  ['exit', 7],
] as const;

const CASES = ['main.mjs', 'main.cjs'].flatMap((file) =>
  ['processors', 'exporters'].flatMap((kind) =>
    ENDINGS.map(([ending, code]) => ({ file, kind, ending, code })),
  ),
);

describe('a program that ends right after its last event, the ledger taking 800 ms', () => {
  it.each(CASES)('loses none: $ending in $file with $kind', async (given) => {
    const { file, kind, ending, code } = given;
    const ledger = await testEmulator({ apiKey: API_KEY });
    ledger.fail({ delayMs: 800, times: Infinity });
    const { exit, err } = await run(ledger.url, file, kind, ending);
    expect({ exit, events: ledger.events().length, err }).toEqual({
      exit: code,
      events: EVENTS,
      err: '',
    });
    expect(ledger.violations()).toEqual([]);
  });
});
