import { describe, expect, it } from 'vitest';
import type { AuditEvent, Signal } from '../../../src/record/event.ts';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import {
  createRedactPayload,
  createRedaction,
  type Redaction,
} from '../../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';

const cpf = '123.456.789-09';
const secret = 'AKIAIOSFODNN7EXAMPLE';

const redaction = (options?: RedactOptions): Redaction =>
  createRedaction(resolveRedactOptions(options), createRedactionCounters());
const event = (signal: Signal, payload: JsonValue): AuditEvent => ({
  signal,
  idempotencyKey: 'k-1',
  meta: {},
  payload,
});
const redacted = (payload: JsonObject, options?: RedactOptions): unknown =>
  JSON.parse(JSON.stringify(redaction(options).event(event('span', payload)).payload));

// A number in the form of a CPF may be an order number where no person writes, so it tells the two
// ways of searching apart: it stays in a name and is masked in text. A secret stays nowhere.
const namesHolding = (value: string): JsonObject => ({
  name: value,
  event_name: value,
  severity_text: value,
  trace_state: value,
  attributes: { colour: value },
  events: [{ name: value, attributes: { colour: value } }],
  links: [{ trace_state: value, attributes: { colour: value } }],
  resource: { colour: value },
  scope: { name: value, version: value, schema_url: value, attributes: { colour: value } },
});
const textsHolding = (value: string): JsonObject => ({
  body: { colour: value },
  status: { message: value },
});

describe('the payload of a record', () => {
  it('is searched for secrets alone where programs write', () => {
    expect(redacted(namesHolding(cpf))).toEqual(namesHolding(cpf));
    expect(redacted(namesHolding(secret))).toEqual(namesHolding('[key]'));
  });

  it('is searched for personal data too where people write', () => {
    expect(redacted(textsHolding(cpf))).toEqual(textsHolding('[cpf]'));
    expect(redacted(textsHolding(secret))).toEqual(textsHolding('[key]'));
  });

  it('keeps ids, times and words from closed lists unsearched, even what looks like data', () => {
    const fixed = {
      signal: 'span',
      kind: cpf,
      trace_id: cpf,
      span_id: cpf,
      parent_span_id: cpf,
      time: cpf,
      start_time: cpf,
      end_time: cpf,
      observed_time: cpf,
      duration_ms: 12345678909,
      severity_number: 9,
      dropped: { attributes: 1 },
      time_invalid: true,
      status: { code: cpf },
      events: [{ time: cpf }],
      links: [{ trace_id: cpf, span_id: cpf }],
    };
    expect(redacted(fixed)).toEqual(fixed);
  });

  it('has a field under which an object stands ruled like attributes', () => {
    expect(redacted({ name: { password: 'x', colour: cpf } })).toEqual({
      name: { password: '[secret]', colour: cpf },
    });
  });

  it('keeps null where a field or the whole has no value', () => {
    const empty = { name: null, status: null, events: null, links: [null], resource: null };
    expect(redacted(empty)).toEqual(empty);
    expect(redaction().event(event('log', null)).payload).toBeNull();
  });

  it('has rules about attributes, which are not rules about fields of the record', () => {
    const rules = ['message', 'name', 'body', 'events', 'version', 'trace_state'].map(
      (match) => ({ match, action: 'drop' }) as const,
    );
    const record = {
      name: 'GET /',
      body: 'words',
      status: { code: 'error', message: 'no' },
      events: [{ name: 'retry', time: 'T1' }],
      links: [{ trace_state: 'v=1' }],
      scope: { name: 's', version: '1' },
    };
    expect(redacted(record, { rules })).toEqual(record);
    expect(redacted({ attributes: { name: 'Maria', n: 1 } }, { rules })).toEqual({
      attributes: { n: 1 },
    });
  });

  it('keeps its own fields in allow mode, where attributes travel only when they are named', () => {
    const rules = [{ match: 'order.id', action: 'keep' }] as const;
    const own = { 'order.id': 'o1' };
    const more = { ...own, colour: 'red' };
    const recordWith = (attributes: JsonObject): JsonObject => ({
      name: 'GET /',
      event_name: 'e',
      severity_text: 'INFO',
      trace_state: 'v=1',
      attributes,
      body: attributes,
      status: { code: 'error', message: 'no' },
      events: [{ name: 'retry', time: 'T1', attributes }],
      links: [{ trace_id: 'a', trace_state: 'v=1', attributes }],
      resource: attributes,
      scope: { name: 's', version: '1', schema_url: 'https://h.co/1', attributes },
    });
    expect(redacted(recordWith(more), { mode: 'allow', rules })).toEqual(recordWith(own));
  });

  it('is the same object when nothing in it changes, and else never changes the one given', () => {
    const clean = Object.freeze({ name: 'GET /', attributes: { n: 1 }, status: { code: 'ok' } });
    expect(redaction().event(event('span', clean)).payload).toBe(clean);
    const attributes = Object.freeze({ n: 1 });
    const given = Object.freeze({ attributes, name: secret, kind: 'server' });
    const result = redaction().event(event('span', given)).payload as JsonObject;
    expect(Object.entries(result)).toEqual([
      ['attributes', attributes],
      ['name', '[key]'],
      ['kind', 'server'],
    ]);
    expect(result['attributes']).toBe(attributes);
    expect(given.name).toBe(secret);
  });

  it('loses a field of which nothing may stay, together with its name', () => {
    const redact = createRedactPayload({
      tree: (value) => (value === 'private' ? undefined : value),
      scanText: (text) => (text === 'private' ? undefined : text),
    });
    const payload = { name: 'private', kind: 'server', resource: 'private', body: 'private' };
    expect(Object.keys(redact(event('log', payload)) as JsonObject)).toEqual(['kind']);
    expect(redact(event('log', { events: [{ name: 'private' }] }))).toEqual({ events: [{}] });
    expect(redact(event('log', 'private'))).toBeNull();
    expect(redact(event('direct', 'private'))).toBeNull();
  });
});
