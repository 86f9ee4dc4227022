import { describe, expect, it } from 'vitest';
import { runScript } from '../support/run-script.ts';
import { FULL_RUNTIMES, describeOn } from '../support/runtimes.ts';

const DEMO = 'examples/demo/demo.js';

describeOn(FULL_RUNTIMES, 'the demo', (run) => {
  it('shows every request in the ledger, balanced, sealed and free of raw data', async () => {
    const { exit, out, err } = await run(DEMO);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/success +POST \/orders +shop +demo +[0-9a-f]{8}\n/);
    expect(out).toMatch(/info +GET \/catalogue /);
    expect(out).toMatch(/error +GET \/report /);
    expect(out).toMatch(/info +order\.placed /);
    expect(out).not.toMatch(/(success|info|error) +GET \/health/);
    expect(out).toMatch(/"body": "order by \[email sha256:[0-9a-f]{12}…\], CPF \[cpf\]"/);
    expect(out).toContain('All of it holds.');
    expect(out).not.toContain('FAIL');
  });
});

describe('the demo', () => {
  it('needs no more than 100 columns and no colours where nobody looks', async () => {
    const { out } = await runScript(DEMO);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(out).not.toContain('\u001B');
  });

  it('fails when telemetry is switched off and the ledger stays empty', async () => {
    const { exit, out } = await runScript(DEMO, { env: { OTEL_SDK_DISABLED: 'true' } });
    expect(exit).toBe(1);
    expect(out).toContain('FAIL  ledger has 0 of 8 requests, and 0 log records');
    expect(out).toContain('Something does not hold');
  });

  it('leaves the ledger running with --keep, and ends it in order on Ctrl-C', async () => {
    let answered: Promise<Response> | undefined;
    const { exit, out } = await runScript(DEMO, {
      args: ['--keep'],
      onOutput: (soFar, kill) => {
        const url = /The ledger goes on at (http:\S+);/.exec(soFar)?.[1];
        if (url === undefined || answered !== undefined) return;
        answered = fetch(url);
        void answered.finally(() => {
          kill('SIGINT');
        });
      },
    });
    await expect(answered).resolves.toBeInstanceOf(Response);
    expect(exit).toBe(0);
    expect(out).toMatch(/\n\n12 events, chain verified\n$/);
  });
});
