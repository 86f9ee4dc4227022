import { describe, expect, it } from 'vitest';
import { isExporterError } from '../../../src/errors.ts';
import type { ImmutableLogEvent } from '../../../src/record/direct-event.ts';
import { createDirectMapper } from '../../../src/record/direct-event.ts';
import type { AuditEvent } from '../../../src/record/event.ts';
import { TRACE_ID, aContext } from '../../support/otel-records.ts';

const event: ImmutableLogEvent = { eventName: 'user.created', payload: { user_id: 'usr_1' } };

function map(changes: object = {}, active?: string): AuditEvent {
  const deps = { newId: () => 'new-id', activeTraceId: () => active };
  return createDirectMapper(aContext({ service: 'billing' }), deps)({ ...event, ...changes });
}

function refusalOf(changes: object): string {
  try {
    map(changes);
  } catch (error) {
    if (isExporterError(error) && error.code === 'encode_failed') return error.message;
  }
  return 'not refused';
}

describe('createDirectMapper', () => {
  it('fills in what the caller left out', () => {
    expect(map()).toEqual({
      signal: 'direct',
      idempotencyKey: 'new-id',
      meta: {
        type: 'info',
        event_name: 'user.created',
        service: 'billing',
        env: 'production',
        environment: 'production',
        request_id: 'new-id',
        log_level: 'info',
      },
      payload: { user_id: 'usr_1' },
    });
  });

  it('takes everything that the caller gave', () => {
    const mapped = map({
      type: 'warning',
      requestId: 'req-1',
      idempotencyKey: 'order 7',
      trail: ' order:7 ',
      meta: { actor: 'ana', http_status: '200' },
    });
    expect(mapped.idempotencyKey).toBe('order 7');
    expect(mapped.meta).toMatchObject({
      type: 'warning',
      log_level: 'warn',
      request_id: 'req-1',
      immutable_trail: 'order-7',
      actor: 'ana',
      http_status: '200',
    });
  });

  it('correlates with the active span', () => {
    expect(map({}, TRACE_ID).meta).toMatchObject({ trace_id: TRACE_ID, request_id: TRACE_ID });
    expect(map({ requestId: 'r' }, TRACE_ID).meta).toMatchObject({
      trace_id: TRACE_ID,
      request_id: 'r',
    });
    expect(map({}, 'nonsense').meta).not.toHaveProperty('trace_id');
  });

  it('lets no meta of the caller name the event, its type or its origin', () => {
    const forged = {
      type: 'success',
      event_name: 'x',
      service: 'x',
      env: 'x',
      environment: 'x',
      idempotency_key: 'x',
      '': 'x',
      empty: '',
    };
    expect(map({ meta: forged }).meta).toEqual(map().meta);
  });

  it('takes correlation from the meta of the caller where nothing else gives it', () => {
    expect(
      map({ meta: { request_id: 'r', trace_id: 't', log_level: 'debug' } }).meta,
    ).toMatchObject({
      request_id: 'r',
      trace_id: 't',
      log_level: 'debug',
    });
  });

  it('records an absent payload as null and copies any other', () => {
    expect(map({ payload: undefined }).payload).toBeNull();
    expect(map({ payload: 'text' }).payload).toBe('text');
    expect(map({ payload: new Map([['a', 1n]]) }).payload).toEqual({ a: '1' });
  });

  it('takes an empty request id or trail for none', () => {
    expect(map({ requestId: '', trail: '' }).meta).toEqual(map().meta);
  });

  it.each([
    ['eventName', { eventName: '' }],
    ['eventName', { eventName: '  ' }],
    ['eventName', { eventName: 5 }],
    ['type', { type: 'audit' }],
    ['type', { type: '' }],
    ['idempotencyKey', { idempotencyKey: '' }],
    ['idempotencyKey', { idempotencyKey: ' a' }],
    ['idempotencyKey', { idempotencyKey: 'a\n' }],
    ['idempotencyKey', { idempotencyKey: 'ü' }],
    ['idempotencyKey', { idempotencyKey: 'x'.repeat(256) }],
    ['idempotencyKey', { idempotencyKey: 7 }],
    ['requestId', { requestId: 7 }],
    ['trail', { trail: {} }],
    ['meta', { meta: { count: 5 } }],
    ['meta', { meta: { nested: {} } }],
    ['meta', { meta: 'text' }],
    ['meta', { meta: null }],
  ])('refuses a wrong %s and names it (%#)', (field, changes) => {
    expect(refusalOf(changes)).toContain(`event field ${field} must be`);
  });

  it('says nothing of the value that it refuses', () => {
    expect(refusalOf({ idempotencyKey: 'secret\r\n' })).not.toContain('secret');
    expect(refusalOf({ type: 'secret' })).not.toContain('secret');
  });
});
