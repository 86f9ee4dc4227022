import { describe, expect, it } from 'vitest';
import type { LogRecordLike, SpanLike } from '../../../src/record/otel-types.ts';
import type { LogSelection } from '../../../src/record/select.ts';
import { createLogFilter, createSpanFilter } from '../../../src/record/select.ts';
import { PARENT_ID, TRACE_ID, aLog, aSpan } from '../../support/otel-records.ts';

const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [0, 1, 2, 3, 4];
const parent = { traceId: TRACE_ID, spanId: PARENT_ID };

function failing(): never {
  throw new Error('mistake');
}

describe('createSpanFilter', () => {
  it.each([
    ['a server span with a local parent', { kind: SERVER, parentSpanContext: parent }, true],
    ['a consumer span with a local parent', { kind: CONSUMER, parentSpanContext: parent }, true],
    ['an internal span without a parent', { kind: INTERNAL }, true],
    [
      'a client span with a remote parent',
      { kind: CLIENT, parentSpanContext: { ...parent, isRemote: true } },
      true,
    ],
    [
      'a span with an invalid parent',
      { kind: INTERNAL, parentSpanContext: { traceId: '', spanId: '' } },
      true,
    ],
    ['an internal span with a local parent', { kind: INTERNAL, parentSpanContext: parent }, false],
    ['a producer span with a local parent', { kind: PRODUCER, parentSpanContext: parent }, false],
  ])('by entry takes %s: %s', (_, changes: Partial<SpanLike>, taken) => {
    expect(createSpanFilter({ spans: 'entry', ignorePaths: [] })(aSpan(changes))).toBe(taken);
  });

  it('takes all, none or what a function chooses', () => {
    const take = (spans: 'all' | 'none' | ((span: SpanLike) => boolean)): boolean =>
      createSpanFilter({ spans, ignorePaths: [] })(aSpan());
    expect(take('all')).toBe(true);
    expect(take('none')).toBe(false);
    expect(take((span) => span.name === 'GET /users/:id')).toBe(true);
    expect(take(() => false)).toBe(false);
  });

  it('keeps a span when the choice throws', () => {
    expect(createSpanFilter({ spans: failing, ignorePaths: [] })(aSpan())).toBe(true);
  });

  it.each([
    ['/health', false],
    ['/health/live', false],
    ['/healthy', true],
    ['/api/health', true],
    ['/metrics', false],
    ['/', true],
  ])('of path %s says %s', (path, taken) => {
    const take = createSpanFilter({ spans: 'all', ignorePaths: ['/health', '/metrics/', ''] });
    expect(take(aSpan({ attributes: { 'url.path': path } }))).toBe(taken);
    expect(take(aSpan({ attributes: { 'http.target': `${path}?a=1` } }))).toBe(taken);
    expect(take(aSpan({ attributes: { 'http.url': `http://host:1${path}#x` } }))).toBe(taken);
  });

  it('ignores paths of server spans only', () => {
    const take = createSpanFilter({ spans: 'all', ignorePaths: ['/health'] });
    expect(take(aSpan({ kind: CLIENT, attributes: { 'url.path': '/health' } }))).toBe(true);
  });

  it('takes the root for itself alone', () => {
    const take = createSpanFilter({ spans: 'all', ignorePaths: ['/'] });
    expect(take(aSpan({ attributes: { 'url.path': '/' } }))).toBe(false);
    expect(take(aSpan({ attributes: { 'url.path': '/users' } }))).toBe(true);
  });

  it('keeps a span whose attributes cannot be read', () => {
    const attributes = new Proxy({}, { get: failing });
    expect(createSpanFilter({ spans: 'all', ignorePaths: ['/'] })(aSpan({ attributes }))).toBe(
      true,
    );
  });
});

describe('createLogFilter', () => {
  const take = (logs: LogSelection, record: Partial<LogRecordLike>): boolean =>
    createLogFilter({ logs })(aLog(record));

  it.each([
    ['trace', 1],
    ['debug', 5],
    ['info', 9],
    ['warn', 13],
    ['error', 17],
    ['fatal', 21],
  ] as const)('from %s on takes severity %d and nothing below', (logs, severityNumber) => {
    expect(take(logs, { severityNumber })).toBe(true);
    expect(take(logs, { severityNumber: severityNumber - 1 })).toBe(
      // Severity 0 is unspecified and counts as INFO.
      severityNumber === 1,
    );
  });

  it.each([0, undefined])('takes severity %s for INFO', (severityNumber) => {
    expect(take('info', { severityNumber })).toBe(true);
    expect(take('warn', { severityNumber })).toBe(false);
  });

  it.each([
    ['fatal', 'fatal', 'FATAL'],
    ['fatal', 'panic', 'error'],
    ['error', 'Error', 'warning'],
    ['error', 'crit', 'warn'],
    ['warn', 'WARNING', 'notice'],
    ['info', 'Information', 'debug'],
    ['debug', 'config', 'finest'],
  ] as const)('from %s on takes a record that says %j in words', (logs, severityText, lower) => {
    expect(take(logs, { severityText })).toBe(true);
    expect(take(logs, { severityText, severityNumber: 0 })).toBe(true);
    expect(take(logs, { severityText: lower })).toBe(lower === 'FATAL');
    expect(take(logs, { severityText, severityNumber: 1 })).toBe(false);
  });

  it('takes an exception without a severity for ERROR', () => {
    const attributes = { 'exception.type': 'TypeError' };
    expect(take('error', { severityNumber: undefined, attributes })).toBe(true);
    expect(take('fatal', { severityNumber: undefined, attributes })).toBe(false);
  });

  it('takes all, none or what a function chooses', () => {
    expect(take('all', { severityNumber: 1 })).toBe(true);
    expect(take('none', { severityNumber: 24 })).toBe(false);
    expect(take((record) => record.body === 'x', { body: 'x' })).toBe(true);
    expect(take((record) => record.body === 'x', {})).toBe(false);
  });

  it('keeps a record when the choice throws', () => {
    expect(take(failing, {})).toBe(true);
  });
});
