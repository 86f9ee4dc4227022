import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProject, namesIn, registeredProject } from '../support/registered-app.ts';

const { ledger, write, run } = registeredProject();

const SCRIPT = 'natural-end.mjs';
const PLAIN = `import { createServer } from 'node:http'; createServer(); console.log('ran');`;

describe('an application under the flag', () => {
  it('runs on without a key, which is said in one sentence', async () => {
    const { exit, out, err } = await run(write('app.mjs', PLAIN), {
      env: { IMTBL_API_KEY: '' },
    });
    expect({ exit, out }).toEqual({ exit: 0, out: 'ran\n' });
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining(
        'nothing is sent to ImmutableLog, the application runs on: apiKey is required',
      ),
    ]);
  });

  it('runs on without the SDK, which is said in one sentence', async () => {
    const bare = createProject([]);
    writeFileSync(join(bare, 'app.mjs'), PLAIN);
    const { exit, out, err } = await run('app.mjs', { cwd: bare });
    rmSync(bare, { recursive: true, force: true });
    expect({ exit, out }).toEqual({ exit: 0, out: 'ran\n' });
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/@opentelemetry\/sdk-node is not installed \(npm install .*runs on/),
    ]);
  });

  it('sends what it records itself where there are no auto-instrumentations', async () => {
    const { exit, err } = await run(SCRIPT);
    expect(exit).toBe(3);
    expect(namesIn(ledger())).toEqual({ 'job.run': 1, 'job.done': 1, 'job.cleaned_up': 1 });
    expect(err).toContain('no instrumentations (npm install');
  });

  it('is left alone with OTEL_SDK_DISABLED', async () => {
    const { exit, err } = await run(SCRIPT, { env: { OTEL_SDK_DISABLED: 'true' } });
    expect({ exit, err }).toEqual({ exit: 3, err: '' });
    expect(ledger().requests()).toEqual([]);
  });

  it('keeps to IMTBL_SPANS and IMTBL_LOGS', async () => {
    await run(SCRIPT, { env: { IMTBL_SPANS: 'none', IMTBL_LOGS: 'all' } });
    expect(namesIn(ledger())).toEqual({ 'job.done': 1 });
  });

  it('says nothing below the level of OTEL_LOG_LEVEL', async () => {
    const { out, err } = await run(SCRIPT, { env: { OTEL_LOG_LEVEL: 'warn' } });
    expect({ out, err }).toEqual({ out: '', err: '' });
    expect(namesIn(ledger())).toMatchObject({ 'job.run': 1 });
  });

  it('sends entry spans only, unless told otherwise', async () => {
    const nested = `
      import { trace } from '@opentelemetry/api';
      const tracer = trace.getTracer('fixture');
      tracer.startActiveSpan('outer', (outer) => {
        tracer.startSpan('inner').end();
        outer.end();
      });`;
    const app = write('nested.mjs', nested);
    await run(app);
    expect(namesIn(ledger())).toEqual({ outer: 1 });
    await run(app, { env: { IMTBL_SPANS: 'all' } });
    expect(namesIn(ledger())).toEqual({ outer: 2, inner: 1 });
  });
});

describe('exporters beside the ledger', () => {
  /** A collector that takes everything and remembers the paths. */
  async function collector(): Promise<{ url: string; paths: string[]; close: () => void }> {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.resume().on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      paths,
      close: () => {
        server.close();
      },
    };
  }

  it.each(['otlp', 'immutablelog,otlp'])(
    'get the same records with the value %s',
    async (value) => {
      const otlp = await collector();
      const { exit, err } = await run(SCRIPT, {
        env: {
          OTEL_TRACES_EXPORTER: value,
          OTEL_LOGS_EXPORTER: value,
          OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        },
      });
      otlp.close();
      expect(exit).toBe(3);
      expect(new Set(otlp.paths)).toEqual(new Set(['/v1/traces', '/v1/logs']));
      expect(namesIn(ledger())).toEqual({ 'job.run': 1, 'job.done': 1, 'job.cleaned_up': 1 });
      expect(err).toContain('other exporters: otlp');
      expect(err).not.toContain('unknown');
    },
  );

  it('are none, and no metrics are sent, where nobody asked', async () => {
    const otlp = await collector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url };
    await run(SCRIPT, { env });
    await run(SCRIPT, { env: { ...env, OTEL_TRACES_EXPORTER: 'immutablelog' } });
    otlp.close();
    expect(otlp.paths).toEqual([]);
    expect(namesIn(ledger())).toMatchObject({ 'job.run': 2, 'job.done': 2 });
  });

  it('stand alone without a key', async () => {
    const otlp = await collector();
    const { exit } = await run(SCRIPT, {
      env: {
        IMTBL_API_KEY: '',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      },
    });
    otlp.close();
    expect(exit).toBe(3);
    expect(otlp.paths).toContain('/v1/traces');
    expect(ledger().requests()).toEqual([]);
  });

  it('leave a signal out with the value none', async () => {
    await run(SCRIPT, { env: { OTEL_TRACES_EXPORTER: 'none' } });
    expect(namesIn(ledger())).toEqual({ 'job.done': 1 });
  });

  it('cost themselves only when nobody knows them', async () => {
    const { err } = await run(SCRIPT, { env: { OTEL_TRACES_EXPORTER: 'nobody' } });
    expect(err).toContain('OTEL_TRACES_EXPORTER names an exporter that is unknown');
    expect(namesIn(ledger())).toMatchObject({ 'job.run': 1 });
  });
});
