import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditEvent, Signal } from '../../../src/record/event.ts';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import type { Field } from '../../../src/record/schema.ts';
import { PAYLOAD } from '../../../src/record/schema.ts';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { createRedactPayload, createRedaction } from '../../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import { ScanBudget } from '../../../src/redact/accounting.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const email = `[email sha256:${sha('a@b.co').slice(0, 32)}]`;
const cpf = '123.456.789-09';

function event(parts: Partial<AuditEvent>): AuditEvent {
  return { signal: 'direct', idempotencyKey: 'k-1', meta: {}, payload: null, ...parts };
}

function redacted(parts: Partial<AuditEvent>, options?: RedactOptions): AuditEvent {
  return createRedaction(resolveRedactOptions(options), createRedactionCounters()).event(
    event(parts),
  );
}

const plain = (value: JsonValue): unknown => JSON.parse(JSON.stringify(value));
const meta = (given: Record<string, string>, options?: RedactOptions): unknown =>
  plain(redacted({ meta: given }, options).meta);

describe('a span', () => {
  it('is redacted in every field and keeps its ids and times', () => {
    const payload = {
      attributes: { 'user.email': 'a@b.co', colour: cpf },
      duration_ms: 1.5,
      events: [{ attributes: { 'exception.message': `bad ${cpf}` }, name: 'a@b.co', time: 'T1' }],
      kind: 'server',
      links: [{ attributes: { password: 'x' }, span_id: 'b', trace_state: 'v=a@b.co' }],
      name: 'GET a@b.co',
      resource: { 'host.name': 'h', contact: 'a@b.co' },
      scope: { attributes: { token: 'x' }, name: 'a@b.co', version: '1' },
      signal: 'span',
      status: { code: 'error', message: `no ${cpf}` },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      trace_state: 'v=a@b.co',
    };
    expect(plain(redacted({ signal: 'span', payload }).payload)).toEqual({
      ...payload,
      attributes: { 'user.email_hash': sha('a@b.co'), colour: cpf },
      events: [{ attributes: { 'exception.message': 'bad [cpf]' }, name: email, time: 'T1' }],
      links: [{ attributes: { password: '[secret]' }, span_id: 'b', trace_state: `v=${email}` }],
      name: `GET ${email}`,
      resource: { 'host.name': 'h', contact: email },
      scope: { attributes: { token: '[secret]' }, name: email, version: '1' },
      status: { code: 'error', message: 'no [cpf]' },
      trace_state: `v=${email}`,
    });
  });

  it('gives the same object for the same resource and scope', () => {
    const redaction = createRedaction(resolveRedactOptions({}), createRedactionCounters());
    const payload = { resource: { mail: 'a@b.co' }, scope: { name: 'a@b.co' } };
    const [one, other] = [1, 2].map(
      (n) =>
        redaction.event(event({ signal: 'span', payload: { ...payload, n } }))
          .payload as JsonObject,
    );
    expect(one?.['resource']).toEqual({ mail: email });
    expect(one?.['resource']).toBe(other?.['resource']);
    expect(one?.['scope']).toBe(other?.['scope']);
  });

  it('with fields that are not known or not of their shape is searched as text', () => {
    const payload = { surprise: cpf, events: cpf, status: [cpf], scope: cpf, links: [cpf] };
    expect(plain(redacted({ signal: 'span', payload }).payload)).toEqual({
      surprise: '[cpf]',
      events: '[cpf]',
      status: ['[cpf]'],
      scope: '[cpf]',
      links: ['[cpf]'],
    });
    expect(redacted({ signal: 'log', payload: cpf }).payload).toBe('[cpf]');
  });
});

describe('a log record', () => {
  it('has its body searched as free text, whether text or tree, and ruled by paths', () => {
    const bodyOf = (body: JsonValue): unknown =>
      plain(redacted({ signal: 'log', payload: { body, signal: 'log' } }).payload);
    expect(bodyOf(`cpf ${cpf}`)).toEqual({ body: 'cpf [cpf]', signal: 'log' });
    expect(bodyOf({ any: { thing: cpf, email: 'a' } })).toEqual({
      body: { any: { thing: '[cpf]', email_hash: sha('a') } },
      signal: 'log',
    });
  });
});

// A number in the form of a CPF may be an order number where no person writes, so it tells the two
// ways of searching apart: it stays in a name and is masked in text. A secret stays nowhere.
const secret = 'AKIAIOSFODNN7EXAMPLE';
const NAMES: Readonly<Record<'span' | 'log', (value: string) => JsonObject>> = {
  span: (value) => ({
    name: value,
    trace_state: value,
    attributes: { colour: value },
    events: [{ name: value, attributes: { colour: value } }],
    links: [{ trace_state: value, attributes: { colour: value } }],
    resource: { colour: value },
    scope: { name: value, version: value, schema_url: value, attributes: { colour: value } },
  }),
  log: (value) => ({
    event_name: value,
    severity_text: value,
    attributes: { colour: value },
    resource: { colour: value },
    scope: { name: value, version: value, schema_url: value, attributes: { colour: value } },
  }),
};
const TEXTS: typeof NAMES = {
  span: (value) => ({ status: { message: value } }),
  log: (value) => ({ body: { colour: value } }),
};
const RECORDS = ['span', 'log'] as const;

function payloadOf(
  payload: JsonValue,
  { signal = 'span', ...options }: RedactOptions & { signal?: Signal } = {},
): unknown {
  return plain(redacted({ signal, payload }, options).payload);
}

/** A value for a field, with the same text in each of its places, as the table has them. */
function filled({ redact, fields = {} }: Field, text: string): JsonValue {
  const object = (): JsonObject =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, filled(field, text)]));
  if (redact === 'object') return object();
  if (redact === 'list') return [object()];
  return redact === 'attributes' || redact === 'anything' ? { colour: text } : text;
}

/** The same, where redaction puts a mask in place of the text. */
function masked({ redact, fields = {} }: Field, kept: string, mask: string): JsonValue {
  const object = (): JsonObject =>
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, masked(field, kept, mask)]),
    );
  if (redact === 'object') return object();
  if (redact === 'list') return [object()];
  if (redact === 'kept') return kept;
  return redact === 'attributes' || redact === 'anything' ? { colour: mask } : mask;
}

describe('the payload of a record', () => {
  it.each(RECORDS)('of a %s has each field of the table redacted in its way', (signal) => {
    const table = PAYLOAD[signal];
    expect(payloadOf(filled(table, secret), { signal })).toEqual(masked(table, secret, '[key]'));
  });

  it.each(RECORDS)('of a %s is searched for secrets alone where programs write', (signal) => {
    const holding = NAMES[signal];
    expect(payloadOf(holding(cpf), { signal })).toEqual(holding(cpf));
    expect(payloadOf(holding(secret), { signal })).toEqual(holding('[key]'));
  });

  it.each(RECORDS)('of a %s is searched for personal data too where people write', (signal) => {
    const holding = TEXTS[signal];
    expect(payloadOf(holding(cpf), { signal })).toEqual(holding('[cpf]'));
    expect(payloadOf(holding(secret), { signal })).toEqual(holding('[key]'));
  });

  it('keeps ids, times and words from closed lists unsearched, even what looks like data', () => {
    const fixed = { trace_id: cpf, span_id: cpf, time_invalid: true, dropped: { attributes: 1 } };
    const span = {
      ...fixed,
      signal: 'span',
      kind: cpf,
      parent_span_id: cpf,
      start_time: cpf,
      end_time: cpf,
      duration_ms: 12345678909,
      status: { code: cpf },
      events: [{ time: cpf, time_invalid: true, dropped: { attributes: 2 } }],
      links: [{ trace_id: cpf, span_id: cpf, dropped: { attributes: 2 } }],
    };
    expect(payloadOf(span)).toEqual(span);
    const log = { ...fixed, signal: 'log', time: cpf, observed_time: cpf, severity_number: 9 };
    expect(payloadOf(log, { signal: 'log' })).toEqual(log);
  });

  it('has a field of another signal searched as text, as any that is not known', () => {
    expect(payloadOf({ event_name: cpf })).toEqual({ event_name: '[cpf]' });
    expect(payloadOf({ kind: cpf }, { signal: 'log' })).toEqual({ kind: '[cpf]' });
  });

  it('has a field under which an object stands ruled like attributes', () => {
    expect(payloadOf({ name: { password: 'x', colour: cpf } })).toEqual({
      name: { password: '[secret]', colour: cpf },
    });
  });

  it('keeps null where a field or the whole has no value', () => {
    const empty = { name: null, status: null, events: null, links: [null], resource: null };
    expect(payloadOf(empty)).toEqual(empty);
    expect(payloadOf(null, { signal: 'log' })).toBeNull();
  });

  it('has rules about attributes, which are not rules about fields of the record', () => {
    const rules = ['message', 'name', 'body', 'events', 'version', 'trace_state'].map(
      (match) => ({ match, action: 'drop' }) as const,
    );
    const record = {
      name: 'GET /',
      status: { code: 'error', message: 'no' },
      events: [{ name: 'retry', time: 'T1' }],
      links: [{ trace_state: 'v=1' }],
      scope: { name: 's', version: '1' },
    };
    expect(payloadOf(record, { rules })).toEqual(record);
    const log = { body: 'words' };
    expect(payloadOf(log, { rules, signal: 'log' })).toEqual(log);
    expect(payloadOf({ attributes: { name: 'Maria', n: 1 } }, { rules })).toEqual({
      attributes: { n: 1 },
    });
  });

  it('keeps its own fields in allow mode, where attributes travel only when they are named', () => {
    const rules = [{ match: 'order.id', action: 'keep' }] as const;
    const own = { 'order.id': 'o1' };
    const more = { ...own, colour: 'red' };
    const spanWith = (attributes: JsonObject): JsonObject => ({
      name: 'GET /',
      trace_state: 'v=1',
      attributes,
      status: { code: 'error', message: 'no' },
      events: [{ name: 'retry', time: 'T1', attributes }],
      links: [{ trace_id: 'a', trace_state: 'v=1', attributes }],
      resource: attributes,
      scope: { name: 's', version: '1', schema_url: 'https://h.co/1', attributes },
    });
    const logWith = (attributes: JsonObject): JsonObject => ({
      event_name: 'e',
      severity_text: 'INFO',
      attributes,
      body: attributes,
    });
    const options = { mode: 'allow', rules } as const;
    expect(payloadOf(spanWith(more), options)).toEqual(spanWith(own));
    expect(payloadOf(logWith(more), { ...options, signal: 'log' })).toEqual(logWith(own));
  });

  it('is the same object when nothing in it changes, and else never changes the one given', () => {
    const clean = Object.freeze({ name: 'GET /', attributes: { n: 1 }, status: { code: 'ok' } });
    expect(redacted({ signal: 'span', payload: clean }).payload).toBe(clean);
    const attributes = Object.freeze({ n: 1 });
    const given = Object.freeze({ attributes, name: secret, kind: 'server' });
    const result = redacted({ signal: 'span', payload: given }).payload as JsonObject;
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
      budget: new ScanBudget(createRedactionCounters()),
    });
    const payload = { name: 'private', kind: 'server', resource: 'private', other: 'private' };
    const ofSpan = (given: JsonValue): JsonValue =>
      redact(event({ signal: 'span', payload: given }));
    expect(Object.keys(ofSpan(payload) as JsonObject)).toEqual(['kind']);
    expect(ofSpan({ events: [{ name: 'private' }] })).toEqual({ events: [{}] });
    expect(ofSpan('private')).toBeNull();
    expect(redact(event({ signal: 'direct', payload: 'private' }))).toBeNull();
  });
});

describe('a direct event', () => {
  it('has its payload as one tree, and a text as free text', () => {
    expect(plain(redacted({ payload: { colour: cpf, comment: cpf, email: 'a' } }).payload)).toEqual(
      { colour: cpf, comment: '[cpf]', email_hash: sha('a') },
    );
    expect(redacted({ payload: `x ${cpf}` }).payload).toBe('x [cpf]');
  });
});

describe('an idempotency key', () => {
  it('with personal data in it is digested as a whole, so that two keys stay two', () => {
    expect(redacted({ idempotencyKey: 'order-17' }).idempotencyKey).toBe('order-17');
    expect(redacted({ idempotencyKey: 'order-1:a@b.co' }).idempotencyKey).toBe(
      sha('order-1:a@b.co'),
    );
  });

  it('with personal data in it is digested as text under the key that is set', () => {
    const secret = 's'.repeat(32);
    const mac = createHmac('sha256', secret).update('text\0order-1:A@b.co').digest('hex');
    const given = { idempotencyKey: 'order-1:A@b.co', payload: 'words' };
    const result = redacted(given, { key: { id: 'k1', secret } });
    expect(result.idempotencyKey).toBe(`hmac-sha256:k1:${mac}`);
    expect(result.payload).toBe('words');
  });
});

describe('meta', () => {
  it('is searched, but for words from closed lists and an address that was asked for', () => {
    expect(
      meta({
        type: 'error',
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        http_status: '500',
        client_ip: '203.0.113.7',
        event_name: 'mail a@b.co',
        error_message: `no ${cpf}`,
        request_id: 'a@b.co',
        immutable_trail: 'user a@b.co',
      }),
    ).toEqual({
      type: 'error',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      http_status: '500',
      client_ip: '203.0.113.7',
      event_name: `mail ${email}`,
      error_message: 'no [cpf]',
      request_id: email,
      immutable_trail: `user ${email.replace(':', '-')}`,
    });
  });

  it('has the keys of the caller under the rules for attributes', () => {
    expect(meta({ user_email: 'a', password: 'x', tenant: 'of a@b.co' })).toEqual({
      user_email_hash: sha('a'),
      password: '[secret]',
      tenant: `of ${email}`,
    });
  });

  it('obeys a rule about the attribute that a value came from', () => {
    const given = { error_message: 'very private', event_name: 'x' };
    const rule = (action: 'drop' | 'mask' | 'keep'): RedactOptions => ({
      rules: [{ match: 'exception.message', action }],
    });
    expect(meta(given, rule('drop'))).toEqual({ event_name: 'x' });
    expect(meta(given, rule('mask'))).toEqual({ error_message: '[masked]', event_name: 'x' });
    expect(meta(given, rule('keep'))).toEqual(given);
    expect(Object.keys(redacted({ meta: given }, rule('drop')).meta)).toEqual(['event_name']);
  });

  it('is searched even where that attribute is kept, for it may have come from another', () => {
    const rules = [{ match: 'exception.message', action: 'keep' }] as const;
    expect(meta({ error_message: `no ${cpf}` }, { rules })).toEqual({ error_message: 'no [cpf]' });
  });

  it('has digests that name themselves, and takes no bare hex for a digest', () => {
    const rules = [{ match: 'exception.*', action: 'hash' }] as const;
    const hex = 'a'.repeat(64);
    expect(meta({ error_message: 'words', error_type: hex }, { rules })).toEqual({
      error_message: `sha256:${sha('words')}`,
      error_type: `sha256:${sha(hex)}`,
    });
    const done = { error_message: `sha256:${hex}` };
    expect(meta(done, { rules })).toEqual(done);
  });

  it('obeys a rule about any of the attributes that a value may have come from', () => {
    for (const match of ['error.type', 'exception.type']) {
      const rules = [{ match, action: 'mask' }] as const;
      expect(meta({ error_type: 'MariaError' }, { rules })).toEqual({ error_type: '[masked]' });
    }
    const rules = [{ match: 'http.route', action: 'drop' }] as const;
    expect(meta({ http_route: '/maria', http_method: 'GET' }, { rules })).toEqual({
      http_method: 'GET',
    });
  });

  it('takes names for names and text for text', () => {
    const names = { service: cpf, env: cpf, environment: cpf, http_method: cpf, error_type: cpf };
    expect(meta(names)).toEqual(names);
    expect(meta({ http_route: `/by/${cpf}` })).toEqual({ http_route: '/by/[cpf]' });
  });

  it('has no key without a value', () => {
    expect(meta({ event_name: '', service: 's' })).toEqual({ service: 's' });
  });
});

describe('redaction', () => {
  it('costs the value when a rule throws, and counts it', () => {
    const match = {
      test: (path: string): boolean => {
        if (path === 'bad') throw new Error('x');
        return false;
      },
    } as RegExp;
    const counters = createRedactionCounters();
    const resolved = resolveRedactOptions({});
    const redaction = createRedaction(
      { ...resolved, rules: [{ match, action: 'mask' }] },
      counters,
    );
    const result = redaction.event(event({ payload: { bad: { a: 'secret', b: [1] }, good: 1 } }));
    expect(plain(result.payload)).toEqual({
      bad: { a: '[REDACTION_ERROR]', b: ['[REDACTION_ERROR]'] },
      good: 1,
    });
    expect(counters.snapshot().errors).toBe(2);
  });

  it('that fails as a whole leaves nothing of the event but that it happened', () => {
    const counters = createRedactionCounters();
    const redaction = createRedaction(resolveRedactOptions({}), counters);
    const payload = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('secret');
        },
      },
    );
    const given = { type: 'error', trace_id: 't', log_level: 'error', extra: 'secret' };
    const result = redaction.event(event({ signal: 'log', meta: given, payload }));
    expect(result).toEqual({
      signal: 'log',
      idempotencyKey: sha('k-1'),
      meta: { type: 'error', event_name: '[REDACTION_ERROR]', log_level: 'error', trace_id: 't' },
      payload: { signal: 'log', redaction: '[REDACTION_ERROR]' },
    });
    expect(counters.snapshot().errors).toBe(1);
  });

  it('that fails as a whole says so under the usual type and level where none were given', () => {
    const secret = 's'.repeat(32);
    const payload = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('secret');
        },
      },
    );
    const result = redacted({ signal: 'span', payload }, { key: { id: 'k1', secret } });
    expect(Object.entries(result.meta)).toEqual([
      ['type', 'info'],
      ['event_name', '[REDACTION_ERROR]'],
      ['log_level', 'info'],
    ]);
    const mac = createHmac('sha256', secret).update('text\0k-1').digest('hex');
    expect(result.idempotencyKey).toBe(`hmac-sha256:k1:${mac}`);
  });
});
