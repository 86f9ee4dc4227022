import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import * as fc from 'fast-check';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/config/options.ts';
import type { ImmutableLogEvent } from '../../src/index.ts';
import { ImmutableLogSpanExporter } from '../../src/index.ts';
import { MODES } from '../support/modes.ts';
import { spanWitness } from '../support/otel-setup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient } from '../support/test-client.ts';
import { emitSpans } from './otel-sample-traffic.ts';

const COUNT = 1_000;
/** What belongs to a connection and not to a request. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['host', 'connection', 'date']);

/** A request as it came over the wire: method, path, headers in their order, bytes of the body. */
interface Captured {
  readonly head: string;
  readonly headers: readonly string[];
  readonly body: string;
}

interface Capture {
  readonly url: string;
  /** All so far, by idempotency key. */
  readonly requests: ReadonlyMap<string, Captured>;
}

function headerPairs(raw: readonly string[]): readonly string[] {
  return raw
    .map((text, index) => (index % 2 === 0 ? `${text}: ${raw[index + 1]}` : ''))
    .filter((pair) => pair !== '' && !OF_THE_CONNECTION.has(pair.split(':')[0] ?? ''));
}

/** A server that takes everything and keeps the bytes. */
async function capture(): Promise<Capture> {
  const requests = new Map<string, Captured>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.set(String(request.headers['idempotency-key']), {
        head: `${request.method} ${request.url} HTTP/${request.httpVersion}`,
        headers: headerPairs(request.rawHeaders),
        body: Buffer.concat(chunks).toString('base64'),
      });
      response.writeHead(202).end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const generated = fc.record({
  eventName: fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
    .map((name) => `e${name}`),
  type: fc.constantFrom('success', 'info', 'error', 'warning'),
  payload: fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.dictionary(text, fc.string({ unit: 'binary', maxLength: 400 })),
    fc.string({ unit: 'grapheme', minLength: 9_000, maxLength: 20_000 }),
  ),
  requestId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).map((id) => `r${id}`),
  trail: text,
  meta: fc.dictionary(
    fc.stringMatching(/^[a-z][a-z_]{0,20}$/).map((name) => `x_${name}`),
    text,
    { maxKeys: 4 },
  ),
});

const events: readonly ImmutableLogEvent[] = fc
  .sample(generated, { numRuns: COUNT, seed: 20_261_125 })
  .map((event, index) => ({ ...event, idempotencyKey: `golden-${index}` }));

function endedSpans(): readonly ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({ spanProcessors: [spanWitness(spans)] });
  emitSpans(provider.getTracer('golden'), COUNT);
  return spans;
}

async function requestsOf(
  options: ClientOptions,
  spans: readonly ReadableSpan[],
): Promise<ReadonlyMap<string, Captured>> {
  const { url, requests } = await capture();
  const given = { ...options, headers: { 'x-team': 'audit' }, timeoutMs: 20_000 };
  const client = testClient(url, { ...given, shutdownTimeoutMs: 20_000 });
  const results = await client.sendBatch(events);
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  const exporter = new ImmutableLogSpanExporter({ apiKey: TEST_KEY, url, ...given });
  await new Promise((resolve) => {
    exporter.export(spans, resolve);
  });
  await exporter.shutdown();
  return requests;
}

describe('the requests for the same records', () => {
  it('are the same to the byte, wherever they are sent from', { timeout: 90_000 }, async () => {
    const spans = endedSpans();
    const modes = MODES.flatMap(([, mode]) => [
      mode,
      { ...mode, spool: { directory: temporaryFolder() } },
    ]);
    const [expected, ...others] = await Promise.all(modes.map((mode) => requestsOf(mode, spans)));
    expect(expected?.size).toBe(2 * COUNT);
    expect(others).toHaveLength(3);
    for (const requests of others) {
      expect(requests.size).toBe(2 * COUNT);
      for (const [key, request] of requests) expect(request).toEqual(expected?.get(key));
    }
  });
});
