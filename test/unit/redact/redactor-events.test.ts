import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/record/event.ts';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import { createRedactionCounters } from '../../../src/redact/accounting.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { createRedaction } from '../../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';

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
