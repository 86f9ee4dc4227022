import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault, ReplyPlan } from '../../../src/emulator/faults.ts';
import { createState, handle } from '../../../src/emulator/handle.ts';
import type { EmulatorState } from '../../../src/emulator/handle.ts';
import { Ledger } from '../../../src/emulator/ledger.ts';
import {
  META,
  NOON,
  headersWith,
  sampleBody,
  sampleEvent,
  sampleRequest,
} from '../../support/sample-requests.ts';

function freshState(...faults: readonly Fault[]): EmulatorState {
  const state = createState({ ledger: new Ledger() });
  state.faults.add(faults);
  return state;
}

function statusOf(plan: ReplyPlan): number | undefined {
  return plan.kind === 'answer' ? plan.answer.status : undefined;
}

function bodyOf(plan: ReplyPlan): Record<string, unknown> {
  return plan.kind === 'answer' ? JSON.parse(plan.answer.body) : {};
}

function requestUnder(key: string): ReturnType<typeof sampleRequest> {
  return sampleRequest({ headers: headersWith({ 'idempotency-key': key }) });
}

describe('an allowed request', () => {
  it('is answered 202 with the documented receipt', () => {
    const state = freshState();
    const { plan, sealed } = handle(state, sampleRequest());
    const [entry] = state.ledger.entries();
    expect(sealed).toBe(entry);
    expect(plan).toMatchObject({
      kind: 'answer',
      delayMs: 0,
      pace: { kind: 'at-once' },
      answer: { status: 202, headers: { 'content-type': 'application/json' } },
    });
    expect(bodyOf(plan)).toEqual({
      ok: true,
      tx_id: entry?.txId,
      payload_hash: entry?.payloadHash,
      status: 'accepted',
      duplicate: false,
      request_id: 'key-1',
    });
  });

  it('echoes the request id of meta', () => {
    const body = sampleBody({ meta: { ...META, request_id: 'r-7' } });
    expect(bodyOf(handle(freshState(), sampleRequest({ body })).plan)).toMatchObject({
      request_id: 'r-7',
    });
  });

  it('gets the first answer again when it is repeated, but for the mark of a duplicate', () => {
    const state = freshState();
    const first = bodyOf(handle(state, sampleRequest()).plan);
    const again = handle(state, sampleRequest({ arrivedAtMs: NOON + 60_000 }));
    expect(bodyOf(again.plan)).toEqual({ ...first, duplicate: true });
    expect(again.sealed).toBeUndefined();
    expect(state.ledger.entries()).toHaveLength(1);
    expect(state.receipts.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    expect(state.violations.items()).toEqual([]);
  });

  it('is a conflict when its key stood for another event', () => {
    const state = freshState();
    handle(state, sampleRequest());
    const { plan, violation } = handle(
      state,
      sampleRequest({ body: sampleBody({ payload: '{}' }) }),
    );
    expect(statusOf(plan)).toBe(422);
    expect(bodyOf(plan)).toEqual({ ok: false, reason: 'idempotency_conflict' });
    expect(state.violations.items()).toEqual([violation]);
  });

  it('is answered 500 when the ledger cannot keep it', () => {
    const store = {
      load: () => [],
      append() {
        throw new Error('ENOSPC');
      },
      close() {},
    };
    const { plan } = handle(createState({ ledger: new Ledger(store) }), sampleRequest());
    expect(statusOf(plan)).toBe(500);
    expect(bodyOf(plan)).toEqual({ ok: false, reason: 'internal_error' });
  });
});

describe('a request against the contract', () => {
  it('is refused and remembered, and adds nothing', () => {
    const state = freshState();
    const { plan } = handle(state, sampleRequest({ body: '{}', arrivedAtMs: NOON }));
    const reason = 'the body must be an object of exactly payload and meta';
    expect(statusOf(plan)).toBe(400);
    expect(bodyOf(plan)).toEqual({ ok: false, reason });
    expect(state.violations.items()).toEqual([
      { status: 400, reason, idempotencyKey: 'key-1', arrivedAtMs: NOON },
    ]);
    expect(state.ledger.entries()).toEqual([]);
  });

  it('is noticed in the middle of an outage, and uses up no fault', () => {
    const state = freshState({ status: 503 });
    expect(statusOf(handle(state, sampleRequest({ body: '{}' })).plan)).toBe(400);
    expect(statusOf(handle(state, sampleRequest()).plan)).toBe(503);
  });

  it('carries the headers of its refusal', () => {
    expect(handle(freshState(), sampleRequest({ method: 'PUT' })).plan).toMatchObject({
      answer: { status: 405, headers: { allow: 'POST' } },
    });
  });

  it('is no violation when a browser only looks', () => {
    const state = freshState();
    const { plan } = handle(state, sampleRequest({ method: 'GET', path: '/favicon.ico' }));
    expect(statusOf(plan)).toBe(404);
    expect(state.violations.items()).toEqual([]);
    handle(state, sampleRequest({ method: 'GET' }));
    handle(state, sampleRequest({ path: '/elsewhere' }));
    expect(state.violations.items().map(({ status }) => status)).toEqual([405, 404]);
  });
});

describe('what is remembered of requests', () => {
  it('hides the credential, keeps the rest, and notes the answer', () => {
    const state = freshState();
    handle(state, sampleRequest({ headers: headersWith({ cookie: 'a=b' }) }));
    expect(state.requests.items()).toEqual([
      {
        method: 'POST',
        path: '/v1/events',
        headers: headersWith({ authorization: 'Bearer [hidden]', cookie: '[hidden]' }),
        body: sampleBody(),
        arrivedAtMs: NOON,
        status: 202,
      },
    ]);
  });

  it('has no status for a connection that is cut or hangs', () => {
    const state = freshState({ reset: 'before' }, { hang: true });
    handle(state, sampleRequest());
    handle(state, sampleRequest());
    expect(state.requests.items().map(({ status }) => status)).toEqual([undefined, undefined]);
  });

  it('is the newest in order, never more than what is to be kept', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(40), (keepRequests, count) => {
        const state = createState({ ledger: new Ledger(), keepRequests });
        const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
        for (const key of keys) handle(state, requestUnder(key));
        const kept = state.requests.items().map(({ headers }) => headers['idempotency-key']);
        expect(kept).toEqual(keys.slice(Math.max(0, count - keepRequests)));
        expect(state.ledger.entries()).toHaveLength(count);
      }),
    );
  });

  it('is bounded in bytes, whatever becomes of them', () => {
    const state = freshState();
    const body = new Uint8Array(250_000).fill(120);
    for (let index = 0; index < 1_200; index += 1) {
      handle(state, { ...requestUnder(`key-${index}`), body });
    }
    const kept = state.requests.items();
    const bytes = kept.reduce((sum, each) => sum + each.body.length, 0);
    expect(bytes).toBeLessThanOrEqual(64 * 2 ** 20);
    expect(bytes).toBeGreaterThan(60 * 2 ** 20);
    expect(kept.at(-1)?.headers['idempotency-key']).toBe('key-1199');
    expect(state.ledger.entries()).toEqual([]);
  });

  it('is given out as a copy', () => {
    const state = freshState();
    const before = state.requests.items();
    handle(state, sampleRequest());
    expect(before).toEqual([]);
  });
});

describe('a scripted fault', () => {
  it.each<readonly [string, Fault, number]>([
    ['an error status', { status: 503 }, 0],
    ['a cut before', { reset: 'before' }, 0],
    ['a hang', { hang: true }, 0],
    ['a cut after', { reset: 'after' }, 1],
    ['a hang after accepting', { hang: 'after-accept' }, 1],
    ['a delay', { delayMs: 5 }, 1],
    ['another success', { status: 200 }, 1],
    ['an error that accepts', { status: 504, accept: true }, 1],
    ['a success that forgets', { status: 202, accept: false }, 0],
    ['slow headers', { slowHeadersMs: 5 }, 1],
    ['an endless body', { endlessBody: true }, 1],
    ['nothing', {}, 1],
  ])('with %s leaves the right number of events in the ledger', (_title, fault, events) => {
    const state = freshState(fault);
    handle(state, sampleRequest());
    expect(state.ledger.entries()).toHaveLength(events);
    expect(state.receipts).toHaveLength(events);
    expect(state.violations.items()).toEqual([]);
  });

  it.each<readonly [string, Fault, object]>([
    ['a cut', { reset: 'after', delayMs: 7 }, { kind: 'reset', delayMs: 7 }],
    ['silence', { hang: true, status: 503 }, { kind: 'hang' }],
    ['a delay', { delayMs: 7 }, { delayMs: 7, answer: { status: 202 } }],
    ['slow headers', { slowHeadersMs: 3 }, { pace: { kind: 'slow-headers', intervalMs: 3 } }],
    [
      'an endless body',
      { endlessBody: true },
      { pace: { kind: 'endless-body' }, answer: { status: 202 } },
    ],
    [
      'headers',
      { status: 429, headers: { 'retry-after': '9' } },
      {
        answer: {
          status: 429,
          headers: { 'retry-after': '9', 'content-type': 'application/json' },
        },
      },
    ],
    ['a body', { status: 502, body: '<html>' }, { answer: { status: 502, body: '<html>' } }],
    [
      'a status alone',
      { status: 500 },
      { answer: { body: '{"ok":false,"reason":"scripted_500"}' } },
    ],
    ['no content', { status: 204 }, { answer: { status: 204, body: '' } }],
  ])('plans %s', (_title, fault, plan) => {
    expect(handle(freshState(fault), sampleRequest()).plan).toMatchObject(plan);
  });

  it('keeps the documented receipt under another success status', () => {
    expect(bodyOf(handle(freshState({ status: 200 }), sampleRequest()).plan)).toMatchObject({
      ok: true,
      duplicate: false,
    });
  });

  it('leads to a duplicate when the client repeats what was accepted and not answered', () => {
    const state = freshState({ reset: 'after' });
    handle(state, sampleRequest());
    expect(bodyOf(handle(state, sampleRequest()).plan)).toMatchObject({
      ok: true,
      duplicate: true,
    });
  });

  it('does not hide a conflict', () => {
    const state = freshState({}, { delayMs: 5 });
    state.ledger.append(sampleEvent({ payload: '[]' }), NOON);
    expect(statusOf(handle(state, sampleRequest()).plan)).toBe(422);
  });
});

describe('a restarted emulator', () => {
  it('has the receipts of its ledger', () => {
    const ledger = new Ledger();
    ledger.append(sampleEvent(), NOON);
    expect(createState({ ledger }).receipts).toMatchObject([
      { idempotencyKey: 'key-1', duplicate: false },
    ]);
  });
});
