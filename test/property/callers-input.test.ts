import { logs } from '@opentelemetry/api-logs';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/config/options.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import type { ResourceLike } from '../../src/record/otel-types.ts';
import type { ImmutableLogClient } from '../../src/index.ts';
import {
  ImmutableLogLogRecordExporter,
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanExporter,
  ImmutableLogSpanProcessor,
  recordAuditEvent,
} from '../../src/index.ts';
import {
  generatedEvents,
  generatedLogs,
  generatedSpans,
  scramble,
} from '../support/callers-input.ts';
import { SPAN_ID, TRACE_ID, aSpan } from '../support/otel-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

const IDS = { traceId: TRACE_ID, spanId: SPAN_ID };

/** Hands generated input to one public method and, before anything else runs, to `returned`. */
interface Method {
  readonly name: string;
  readonly needsSpool?: true;
  start(client: ImmutableLogClient): Started;
}

interface Started {
  give(seed: number, count: number, returned: (given: unknown) => void): Promise<unknown>;
}

const shared = (client: ImmutableLogClient) =>
  ({ client, spans: 'all', logs: 'all', ignorePaths: [] }) as const;

const METHODS: readonly Method[] = [
  {
    name: 'send',
    start: (client) => ({
      give: (seed, count, returned) =>
        Promise.all(
          generatedEvents(seed, count).map((event) => {
            const sent = client.send(event);
            returned(event);
            return sent;
          }),
        ),
    }),
  },
  {
    name: 'sendBatch',
    start: (client) => ({
      give(seed, count, returned) {
        const events = generatedEvents(seed, count);
        const sent = client.sendBatch(events);
        returned(events);
        return sent;
      },
    }),
  },
  {
    name: 'sendAsync',
    start: (client) => ({
      give(seed, count, returned) {
        for (const event of generatedEvents(seed, count)) {
          client.sendAsync(event);
          returned(event);
        }
        return client.flush();
      },
    }),
  },
  {
    name: 'record',
    needsSpool: true,
    start: (client) => ({
      async give(seed, count, returned) {
        const recorded = generatedEvents(seed, count).map((event) => {
          const stored = client.record(event);
          returned(event);
          return stored;
        });
        await Promise.all(recorded);
        await client.flush();
      },
    }),
  },
  {
    name: 'export of spans',
    start(client) {
      const exporter = new ImmutableLogSpanExporter(shared(client));
      return {
        async give(seed, count, returned) {
          const spans = generatedSpans(seed, count);
          await new Promise<unknown>((resolve) => {
            exporter.export(spans, resolve);
            returned(spans);
          });
          await client.flush();
        },
      };
    },
  },
  {
    name: 'export of log records',
    start(client) {
      const exporter = new ImmutableLogLogRecordExporter(shared(client));
      return {
        async give(seed, count, returned) {
          const records = generatedLogs(seed, count);
          await new Promise<unknown>((resolve) => {
            exporter.export(records, resolve);
            returned(records);
          });
          await client.flush();
        },
      };
    },
  },
  {
    name: 'onEnd',
    start(client) {
      const processor = new ImmutableLogSpanProcessor(shared(client));
      return {
        give(seed, count, returned) {
          for (const span of generatedSpans(seed, count)) {
            processor.onEnd(span);
            returned(span);
          }
          return client.flush();
        },
      };
    },
  },
  {
    name: 'onEmit',
    start(client) {
      const processor = new ImmutableLogLogRecordProcessor(shared(client));
      return {
        give(seed, count, returned) {
          for (const record of generatedLogs(seed, count)) {
            processor.onEmit(record);
            returned(record);
          }
          return client.flush();
        },
      };
    },
  },
  {
    name: 'recordAuditEvent, behind the batch processor of the SDK',
    start(client) {
      const exporter = new ImmutableLogLogRecordExporter(shared(client));
      const processors = [new BatchLogRecordProcessor({ exporter })];
      const provider = new LoggerProvider({ processors });
      onTestFinished(() => provider.shutdown());
      return {
        async give(seed, count, returned) {
          logs.disable();
          logs.setGlobalLoggerProvider(provider);
          for (const { payload, idempotencyKey = '' } of generatedEvents(seed, count)) {
            const attributes = { payload, 'log.record.uid': idempotencyKey };
            const body = { payload };
            recordAuditEvent('tried.it', attributes, { body });
            returned(attributes);
            returned(body);
          }
          logs.disable();
          await provider.forceFlush();
          await client.flush();
        },
      };
    },
  },
];

const spool = (): ClientOptions => ({ spool: { directory: temporaryFolder() } });
const PLACES: readonly (readonly [string, () => ClientOptions])[] = [
  ['inline', () => ({})],
  ['in a worker thread', () => ({ worker: true })],
  ['by a spool', spool],
  ['by a spool in a worker thread', () => ({ worker: true, ...spool() })],
];

const CASES = PLACES.flatMap(([place, options]) =>
  METHODS.filter(({ needsSpool }) => needsSpool !== true || place.includes('spool')).map(
    (method) => [method.name, place, method, options] as const,
  ),
);

// The SDK's own records are made at different times, of which the digest of a whole payload tells too.
const NO_MATTER = { observed_time: '', time: '', truncated: '' };

/** What arrived by its key, without what tells of the time at which the SDK made records. */
function arrived(emulator: Emulator): Record<string, unknown> {
  const entries = emulator.events().map(({ idempotencyKey, payload, meta }) => {
    const text: unknown = JSON.parse(payload);
    const isLog = meta['event_name'] === 'tried.it';
    return [
      idempotencyKey,
      { meta, payload: isLog ? { ...(text as object), ...NO_MATTER } : text },
    ];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

describe('what a public method was given is the caller’s again when it has returned', () => {
  it.each(CASES)('%s, %s', async (_name, _place, method, options) => {
    const [spoiled, untouched] = await Promise.all([testEmulator(), testEmulator()]);
    const one = method.start(testClient(spoiled.url, options()));
    const other = method.start(testClient(untouched.url, { ...options(), worker: false }));
    let handedIn = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.constantFrom(1, 3, 40, 70), async (seed, count) => {
        await one.give(seed, count, scramble);
        await other.give(seed, count, () => undefined);
        handedIn += count;
      }),
      { numRuns: 2, seed: 13, examples: [[7, 70]] },
    );
    expect(spoiled.events().length).toBeGreaterThan(0);
    expect(handedIn).toBeGreaterThanOrEqual(spoiled.events().length);
    expect(arrived(spoiled)).toEqual(arrived(untouched));
  });
});

describe('what was given before anything could be sent', () => {
  it('options may be changed when a constructor has returned', async () => {
    const [spoiled, untouched] = await Promise.all([testEmulator(), testEmulator()]);
    const give = async (emulator: Emulator, returned: (given: unknown) => void): Promise<void> => {
      const options = {
        ...{ apiKey: TEST_KEY, url: emulator.url, service: 'billing', env: 'test' },
        headers: { 'x-tenant': 'one' },
        retry: { maxRetries: 1 },
        ignorePaths: ['/internal'],
        redact: {
          key: { id: 'k1', secret: new Uint8Array(32).fill(7) },
          rules: [{ match: 'order.note', action: 'drop' as const }],
          urlQueryAllow: ['page'],
        },
      };
      const exporter = new ImmutableLogSpanExporter(options);
      returned(options);
      onTestFinished(() => exporter.shutdown());
      const spans = [
        aSpan({ attributes: { 'user.email': 'ana@example.com', 'order.note': 'private' } }),
        aSpan({ attributes: { 'url.path': '/internal/x', 'http.request.method': 'GET' } }),
        aSpan({
          name: 'GET /x?page=3&b=c',
          spanContext: () => ({ ...IDS, spanId: '1'.repeat(16) }),
        }),
      ];
      await new Promise((resolve) => {
        exporter.export(spans, resolve);
      });
    };
    await give(spoiled, scramble);
    await give(untouched, () => undefined);
    expect(spoiled.events()).toHaveLength(2);
    expect(arrived(spoiled)).toEqual(arrived(untouched));
    expect(spoiled.requests().map(({ headers }) => headers['x-tenant'])).toEqual(['one', 'one']);
  });

  it('a long list may be emptied when sendBatch() has returned', async () => {
    const emulator = await testEmulator();
    const events = generatedEvents(1, 300);
    const sent = testClient(emulator.url).sendBatch(events);
    scramble(events);
    expect((await sent).filter(({ ok }) => !ok)).toEqual([]);
    expect(emulator.events()).toHaveLength(300);
    expect(JSON.stringify(emulator.events())).not.toContain('changed afterwards');
  });

  it('a record may be changed while its resource is still asked for', async () => {
    const emulator = await testEmulator();
    const exporter = new ImmutableLogSpanExporter({ client: testClient(emulator.url) });
    let known = (): void => undefined;
    const resource: ResourceLike & { asyncAttributesPending: boolean } = {
      attributes: { 'service.name': 'billing' },
      asyncAttributesPending: true,
      waitForAsyncAttributes: () => new Promise<void>((resolve) => (known = resolve)),
    };
    const span = aSpan({ resource, attributes: { 'order.id': 'before' } });
    const told = new Promise((resolve) => {
      exporter.export([span], resolve);
    });
    scramble({ ...span, resource: undefined });
    resource.asyncAttributesPending = false;
    Object.assign(resource.attributes, { 'host.name': 'web-1', 'service.name': 'shop' });
    known();
    await told;
    const [event] = emulator.events();
    const { attributes, resource: rendered } = JSON.parse(event?.payload ?? '{}') as SpanPayload;
    expect(attributes).toEqual({ 'order.id': 'before' });
    expect(rendered).toEqual({ 'host.name': 'web-1', 'service.name': 'shop' });
    expect(event?.meta).toMatchObject({ service: 'shop', env: 'production' });
  });
});

interface SpanPayload {
  readonly attributes?: unknown;
  readonly resource?: unknown;
}
