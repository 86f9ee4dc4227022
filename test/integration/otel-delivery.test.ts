import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { startOtel, stopOtel } from '../support/otel-setup.ts';
import { expectedLogEvent, expectedSpanEvent } from './otel-expected-event.ts';
import { emitLogs, emitSpans } from './otel-sample-traffic.ts';

let setup: OtelSetup | undefined;

afterEach(async () => {
  await stopOtel(setup);
  setup = undefined;
});

interface Shown {
  readonly meta: unknown;
  readonly payload: unknown;
}

function shown(entry: LedgerEntry | undefined): Shown | undefined {
  if (entry === undefined) return undefined;
  return { meta: entry.meta, payload: JSON.parse(entry.payload) };
}

/** The log events by the number that the sample traffic gave each record. */
function bySequence(entries: readonly LedgerEntry[]): ReadonlyMap<number, LedgerEntry> {
  const found = new Map<number, LedgerEntry>();
  for (const entry of entries) {
    const { signal, attributes } = JSON.parse(entry.payload);
    if (signal === 'log') found.set(attributes.sequence, entry);
  }
  return found;
}

describe.each(MODES)('5,000 spans and 5,000 log records, delivered %s', (_where, mode) => {
  const COUNT = 5_000;

  it('arrive exactly once, each as the mapping says', { timeout: 180_000 }, async () => {
    setup = await startOtel({ exporters: mode });
    const { emulator, spanExporter, logExporter, spans, records } = setup;
    emitSpans(setup.tracer, COUNT);
    emitLogs(setup.logger, COUNT);
    await setup.flush();

    const entries = emulator.events();
    expect([spans.length, records.length]).toEqual([COUNT, COUNT]);
    expect(entries).toHaveLength(2 * COUNT);
    expect(emulator.requests()).toHaveLength(2 * COUNT);
    expect(emulator.receipts().some(({ duplicate }) => duplicate)).toBe(false);
    expect(emulator.violations()).toEqual([]);
    expect(emulator.verify()).toMatchObject({ ok: true, events: 2 * COUNT });

    const byKey = new Map(entries.map((entry) => [entry.idempotencyKey, entry]));
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      expect(shown(byKey.get(`${traceId}-${spanId}`))).toEqual(expectedSpanEvent(span));
    }
    const logs = bySequence(entries);
    for (const [sequence, record] of records.entries()) {
      const entry = logs.get(sequence);
      expect(shown(entry)).toEqual(expectedLogEvent(record, entry?.idempotencyKey ?? ''));
    }

    for (const exporter of [spanExporter, logExporter]) {
      expectBalance(exporter.stats());
      expect(exporter.stats()).toMatchObject({ emitted: COUNT, accepted: COUNT, inFlight: 0 });
    }
  });

  it('travel as canonical JSON, under the headers of the contract', async () => {
    setup = await startOtel({ exporters: mode });
    emitSpans(setup.tracer, 200);
    emitLogs(setup.logger, 200);
    await setup.flush();
    for (const { payload } of setup.emulator.events()) {
      expect(payload).toBe(canonicalize(JSON.parse(payload)));
    }
    for (const { method, path, headers, body } of setup.emulator.requests()) {
      const { meta } = JSON.parse(body);
      expect([method, path]).toEqual(['POST', '/v1/events']);
      expect(headers).toMatchObject({
        authorization: 'Bearer [hidden]',
        'content-type': 'application/json',
        'request-id': meta.request_id,
      });
      expect(headers['user-agent']).toMatch(/^opentelemetry-exporter-immutablelog\/\d+\.\d+\.\d+/);
    }
  });

  it('hold a digest that everyone can compute where a person stood', async () => {
    setup = await startOtel();
    const span = setup.tracer.startSpan('sign up');
    span.setAttributes({ 'user.email': 'ana@example.com', 'user.id': 'usr_1' });
    span.end();
    setup.logger.emit({ body: 'welcome ana@example.com', attributes: { password: 'hunter22' } });
    await setup.flush();
    const digest = createHash('sha256').update('ana@example.com').digest('hex');
    const [first, second] = setup.emulator.events().map((entry) => JSON.parse(entry.payload));
    const [spanPayload, logPayload] = first.signal === 'span' ? [first, second] : [second, first];
    expect(spanPayload.attributes).toEqual({ 'user.email_hash': digest, 'user.id': 'usr_1' });
    expect(logPayload.body).toBe(`welcome [email sha256:${digest.slice(0, 32)}]`);
    expect(logPayload.attributes).toEqual({ password: '[secret]' });
    expect(setup.spans[0]?.attributes['user.email']).toBe('ana@example.com');
  });
});

describe('records that the SDK itself cut', () => {
  it('say how much was thrown away', async () => {
    setup = await startOtel();
    const span = setup.tracer.startSpan('crowded');
    for (let index = 0; index < 130; index += 1) {
      span.setAttribute(`key_${index}`, index);
      span.addEvent(`event ${index}`);
      span.addLink({ context: span.spanContext() });
    }
    span.end();
    await setup.flush();
    const [entry] = setup.emulator.events();
    const [seen] = setup.spans;
    expect(seen?.droppedAttributesCount).toBe(2);
    expect(JSON.parse(entry?.payload ?? '{}').dropped).toEqual({
      attributes: 2,
      events: 2,
      links: 2,
    });
  });
});
