import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { runScript } from '../support/run-script.ts';

type Counts = readonly [isLost: boolean, count: number][];

describe('the three loggers', () => {
  it('bring what they log into the ledger, in the trace of the span around it', async () => {
    await using ledger = await createEmulator({ apiKey: 'local' });
    const { exit, out } = await runScript('--import', {
      args: ['./examples/loggers/instrumentation.js', 'examples/loggers/main.js'],
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local' },
    });
    expect(exit).toBe(0);
    expect(out.match(/cache hit/g)).toHaveLength(3);
    const events = ledger.events();
    const [span] = events.filter(({ eventName }) => eventName === 'sign-in');
    expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
    const scope = (payload: string): string => JSON.parse(payload).scope.name;
    expect(
      events
        .filter((event) => event !== span)
        .map(({ eventName, meta, payload, traceId }) =>
          [scope(payload), eventName, meta['log_level'], traceId === span?.traceId].join(' '),
        )
        .sort(),
    ).toEqual([
      '@opentelemetry/instrumentation-console log.error error true',
      '@opentelemetry/instrumentation-pino account.signed_in info true',
      '@opentelemetry/winston-transport account.password_old warn true',
    ]);
    const sent = ledger.requests().map(({ body }) => body);
    expect(sent.filter((body) => body.includes('ana@example.com'))).toEqual([]);
  });
});

describe('the metrics for Prometheus', () => {
  it('count the accepted and the lost spans and time their export', async () => {
    await using ledger = await createEmulator({ apiKey: 'local' });
    let kill: ((signal: NodeJS.Signals) => void) | undefined;
    let url: string | undefined;
    const ended = runScript('examples/metrics/main.js', {
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local', PORT: String(await freePort()) },
      onOutput(out, killChild) {
        kill = killChild;
        url = out.trim();
      },
    });
    const scrape = async (): Promise<string> => {
      const response = await fetch(url ?? '');
      return response.text();
    };
    const counted = /^otel_sdk_exporter_span_exported_total\{([^}]*)\} (\d+)/gm;
    const counts = async (): Promise<Counts> =>
      [...(await scrape()).matchAll(counted)].map(([, labels = '', count]) => [
        labels.includes('error_type="rejected"'),
        Number(count),
      ]);

    await eventually(() => url !== undefined);
    await expect
      .poll(counts)
      .toSatisfy((all: Counts) => all.some(([isLost, count]) => !isLost && count > 0));
    ledger.fail({ status: 400, times: Number.POSITIVE_INFINITY });
    await expect
      .poll(counts)
      .toSatisfy((all: Counts) => all.some(([isLost, count]) => isLost && count > 0));
    const text = await scrape();
    expect(text).toMatch(/^otel_sdk_exporter_span_inflight\{/m);
    expect(text).toMatch(/^otel_sdk_exporter_operation_duration_count\{/m);
    expect(text).toContain('otel_component_type="immutablelog_http_span_exporter"');
    kill?.('SIGTERM');
    expect((await ended).exit).toBe(0);
  });
});
