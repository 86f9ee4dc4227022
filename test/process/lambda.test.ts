import { expect, it } from 'vitest';
import { API_KEY } from '../support/otel-setup.ts';
import { runScript } from '../support/run-script.ts';
import { testEmulator } from '../support/test-client.ts';

it('an invocation ends in its time when the ledger hangs, with the instrumentation that flushes', async () => {
  const ledger = await testEmulator({ apiKey: API_KEY });
  ledger.fail({ hang: true, times: Infinity });
  const { exit, out } = await runScript('test/process/fixtures/lambda/invoke.cjs', {
    env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: API_KEY },
  });
  expect({ exit, out }).toEqual({ exit: 0, out: '200\n200\n{"emitted":2,"inFlight":2}\n' });
});
