import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/record/event.ts';
import type { JsonValue } from '../../src/record/json.ts';
import { createRedactionCounters } from '../../src/redact/accounting.ts';
import type { RedactOptions } from '../../src/redact/options.ts';
import { createRedaction } from '../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import { type Canaries, createCanaries, formsOf } from '../support/canaries.ts';

const PER_SURFACE = 200;

type Plant = (canaries: Canaries) => Omit<AuditEvent, 'idempotencyKey' | 'meta'>;

const span = (payload: Record<string, JsonValue>): ReturnType<Plant> => ({
  signal: 'span',
  payload: { signal: 'span', kind: 'server', name: 'GET /', ...payload },
});
const log = (payload: Record<string, JsonValue>): ReturnType<Plant> => ({
  signal: 'log',
  payload: { signal: 'log', severity_number: 9, ...payload },
});
const direct = (payload: JsonValue): ReturnType<Plant> => ({ signal: 'direct', payload });

const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text));

/** Every place of an event that a program can fill. */
const PLACES: Readonly<Record<string, Plant>> = {
  'span name': (c) => span({ name: `GET ${c.anywhere()}` }),
  'span attribute': (c) => span({ attributes: { note_id: c.anywhere() } }),
  'secret attribute': (c) => span({ attributes: { 'db.password': c.word() } }),
  'personal attribute': (c) => span({ attributes: { userEmail: c.word(), cpf: c.word() } }),
  'header attribute': (c) =>
    span({ attributes: { 'http.request.header.x-own': [c.word(), c.word()] } }),
  'attribute key': (c) => span({ attributes: { [c.anywhere()]: { [c.anywhere()]: 1 } } }),
  'nested arrays': (c) => span({ attributes: { a: [[[c.anywhere()]], [{ b: [c.anywhere()] }]] } }),
  'link attribute': (c) => span({ links: [{ attributes: { x: c.anywhere(), pwd: c.word() } }] }),
  'link trace state': (c) => span({ links: [{ trace_state: `v=${c.anywhere()}` }] }),
  'span event': (c) =>
    span({ events: [{ name: c.anywhere(), time: 'T', attributes: { x: c.anywhere() } }] }),
  'status message': (c) => span({ status: { code: 'error', message: `failed: ${c.inText()}` } }),
  'exception message': (c) =>
    span({ events: [{ name: 'exception', attributes: { 'exception.message': c.inText() } }] }),
  'exception stack': (c) =>
    log({
      attributes: {
        'exception.stacktrace': `Error: ${c.inText()}\n    at f (/srv/${c.anywhere()}:1:2)\nCaused by: ${c.inText()}`,
      },
    }),
  resource: (c) => span({ resource: { owner: c.anywhere(), api_key: c.word() } }),
  scope: (c) => span({ scope: { name: c.anywhere(), attributes: { token: c.word() } } }),
  'trace state': (c) => span({ trace_state: `vendor=${c.anywhere()}` }),
  'log body text': (c) => log({ body: `user ${c.inText()} did it` }),
  'log body map': (c) => log({ body: { a: { b: [c.inText()], secret: c.word() } } }),
  'log event name': (c) => log({ event_name: c.anywhere(), severity_text: c.anywhere() }),
  'URL userinfo and query': (c) =>
    span({
      attributes: { 'url.full': `https://u:${c.word()}@h.co/p?a=${c.word()}&b=${c.word()}` },
    }),
  'URL encoded twice': (c) =>
    span({ attributes: { 'url.path': `/u/${twice(c.anywhere())}`, x: twice(c.email()) } }),
  query: (c) => span({ attributes: { 'url.query': `q=${twice(c.word())}` } }),
  statement: (c) =>
    span({ attributes: { 'db.query.text': `SELECT 1 FROM t WHERE a = '${c.word()}'` } }),
  'direct payload': (c) => direct({ deep: { er: [{ v: c.anywhere(), accessToken: c.word() }] } }),
  'direct text': (c) => direct(`note: ${c.inText()}`),
};

function leaks(options: RedactOptions, plant: Plant): readonly string[] {
  const redaction = createRedaction(resolveRedactOptions(options), createRedactionCounters());
  const canaries = createCanaries(4711);
  const found: string[] = [];
  for (let index = 0; index < PER_SURFACE; index += 1) {
    const before = canaries.planted().length;
    const event = plant(canaries);
    const meta = {
      event_name: canaries.anywhere(),
      error_message: canaries.inText(),
      own: canaries.anywhere(),
    };
    const idempotencyKey = `k-${canaries.email()}`;
    const text = JSON.stringify(redaction.event({ ...event, meta, idempotencyKey }));
    for (const canary of canaries.planted().slice(before)) {
      found.push(...formsOf(canary).filter((form) => text.includes(form)));
    }
  }
  return found;
}

describe.each([
  ['without a key', {}],
  ['with a key', { key: { id: 'k1', secret: 's'.repeat(32) } }],
  ['in place', { naming: 'in-place' }],
  ['detecting everything', { detect: 'all' }],
  ['in allow mode', { mode: 'allow', rules: [{ match: '**', action: 'keep' }] }],
] as const)('redaction %s', (_name, options) => {
  it.each(Object.entries(PLACES))('lets no canary out of: %s', (_place, plant) => {
    expect(leaks(options, plant)).toEqual([]);
  });
});

describe('the canaries', () => {
  it('would be seen if redaction did nothing', () => {
    const found = leaks({ detect: 'off' }, PLACES['log body text'] as Plant);
    expect(found.length).toBeGreaterThanOrEqual(PER_SURFACE);
  });
});
