import type {
  LogRecordLike,
  ResourceLike,
  ScopeLike,
  SpanLike,
} from '../../src/record/otel-types.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { aLog, aSpan } from './otel-records.ts';

/** Records of all shapes; the same for the same seed on every machine. */
export interface GeneratedRecords {
  span(): SpanLike;
  log(): LogRecordLike;
}

type Below = (limit: number) => number;

/** Mulberry32: small, and enough for picking. */
function createNumbers(seed: number): Below {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
}

/** Names that no rule is about, that rules are about, and that need care when they are written. */
const NAMES = (
  'http.request.method http.route http.response.status_code url.scheme url.full url.query ' +
  'server.address server.port order.id order.total tenant.id user.id user.email userEmail ' +
  'client.address cpf email_verified email_hash user.email_hash db.query.text db.password ' +
  'http.request.header.authorization http.request.header.x-own exception.message ' +
  'exception.stacktrace exception.type error.type message note pin pass tokens session.id ' +
  'card_number phone event.name log.record.uid trace_id immutablelog.type ' +
  'immutablelog.event_name immutablelog.trail __proto__ constructor toString 1 10 2 a A é ' +
  'enduser.id peer.ip process.command_line'
).split(' ');

const ODD_NAMES = [
  '',
  'with "quotes"',
  'back\\slash',
  'line\nbreak',
  '\ud800',
  '😀',
  'nul\0',
  '\u2028',
];

const FIXED_TEXTS = [
  '',
  'GET',
  'https',
  '/users/:id',
  'api.example.com',
  'checkout',
  'a "quoted" word',
  'C:\\Users\\x',
  'tab\tand\r\nlines',
  '\0\u001f\u007f\b\f',
  'é ü ß 漢字',
  '😀 emoji 👩‍👩‍👧',
  'lone \ud800 surrogate \udc00',
  '\u2028\u2029',
  '[secret]',
  '[email]',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '50%',
  'what? no',
  'https://example.com/a/b',
  'https://u:p@example.com/a?b=c&token=d#e',
  '/search?q=maria',
  "SELECT * FROM t WHERE a = 'x' AND b = 12",
  'password=hunter2',
  'key: value',
  '00000000000000000000000000000000',
  '12345678901234567890123456789012',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  '2001:db8::1',
  '10.0.0.1',
  '+55 11 91234-5678',
];

const NUMBERS = [0, -0, 1, -1, 201, 1.5, 1e21, 5e-324, 12_345_678_909, NaN, Infinity, 2 ** 53];

/** Makes values out of numbers and canaries. */
function createValues(below: Below, canaries: Canaries) {
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;

  function found(): string {
    const kind = below(4);
    if (kind === 0) return canaries.email();
    if (kind === 1) return canaries.anywhere();
    return kind === 2 ? canaries.inText() : canaries.word();
  }

  function text(): string {
    const kind = below(12);
    if (kind < 6) return pick(FIXED_TEXTS);
    if (kind < 8) return `ord_${String(below(1000))}`;
    if (kind === 8) return found();
    if (kind === 9) return `${pick(FIXED_TEXTS)} ${found()} ${pick(FIXED_TEXTS)}`;
    if (kind === 10) return pick(FIXED_TEXTS).repeat(below(12));
    return `Error: ${found()}\n${'    at f (/srv/app/lib/index.js:1:2)\n'.repeat(below(60))}`;
  }

  function name(): string {
    const kind = below(30);
    if (kind === 0) return pick(ODD_NAMES);
    if (kind === 1) return found();
    return kind === 2 ? `own.${String(below(400))}` : pick(NAMES);
  }

  function value(depth: number): unknown {
    const kind = below(20);
    if (kind < 12) return text();
    if (kind < 14) return pick(NUMBERS);
    if (kind === 14) return below(2) === 0;
    if (kind === 15) return pick([null, undefined, 12n, new Date(0), new Uint8Array([1, 2])]);
    if (depth > 3 || kind < 18) return Array.from({ length: below(4) }, () => text());
    return kind === 18 ? attributes(below(5), depth + 1) : [value(depth + 1), value(depth + 1)];
  }

  function attributes(count: number, depth = 0): Record<string, unknown> {
    const key = (): string => (count < 60 || below(2) === 0 ? name() : `own.${String(below(400))}`);
    const entries = Array.from({ length: count }, () => [key(), value(depth)] as const);
    return Object.fromEntries(entries);
  }

  return { pick, text, value, attributes };
}

/** How many attributes a record has: mostly few, now and then more than any cache keeps. */
function countOf(below: Below): number {
  const kind = below(20);
  if (kind === 0) return 0;
  return kind === 1 ? 60 + below(120) : below(14);
}

/** Makes {@link GeneratedRecords}. */
export function createGeneratedRecords(seed: number): GeneratedRecords {
  const below = createNumbers(seed);
  const { pick, text, value, attributes } = createValues(below, createCanaries(seed));
  const hex = (length: number): string =>
    Array.from({ length }, () => '0123456789abcdef'.charAt(below(16))).join('');
  // Some of one shape, as a program has them, so that what is remembered of one serves the next.
  const usual = (): Record<string, unknown> => ({
    'http.request.method': 'POST',
    'http.route': '/orders/:id',
    'http.response.status_code': 201,
    'order.id': `ord_${String(below(50))}`,
    'user.email': `user${String(below(50))}@example.com`,
    'client.address': `203.0.113.${String(below(250))}`,
  });
  const someAttributes = (): Record<string, unknown> =>
    below(3) === 0 ? usual() : attributes(countOf(below));
  const resources: readonly ResourceLike[] = Array.from({ length: 4 }, (_, index) => ({
    attributes: index === 0 ? { 'service.name': 'shop' } : { ...attributes(6), a: text() },
  }));
  const scopes: readonly ScopeLike[] = Array.from({ length: 4 }, (_, index) => ({
    name: text(),
    ...(index > 0 ? { version: text(), schemaUrl: text(), attributes: attributes(2) } : {}),
  }));
  const moment = (): readonly [number, number] => [1_795_446_000 + below(200_000), below(1e9)];
  const context = () => ({
    traceId: below(10) === 0 ? pick(['', 'x', '0'.repeat(32), '1'.repeat(32)]) : hex(32),
    spanId: hex(16),
    ...(below(4) === 0 ? { traceState: { serialize: () => `vendor=${text()}` } } : {}),
  });
  const times = <T>(limit: number, make: () => T): T[] =>
    Array.from({ length: below(limit) }, make);
  const rarely = <T>(make: () => T): T[] => (below(4) === 0 ? times(4, make) : []);

  return {
    span() {
      const own = context();
      return aSpan({
        name: below(3) === 0 ? 'POST /orders/:id' : text(),
        kind: below(6),
        spanContext: () => own,
        ...(below(2) === 0 ? { parentSpanContext: context() } : {}),
        startTime: moment(),
        endTime: below(20) === 0 ? [-1.5, 0] : moment(),
        duration: [below(3), below(1e9)],
        status: { code: below(3), ...(below(3) === 0 ? { message: text() } : {}) },
        attributes: someAttributes(),
        events: rarely(() => ({
          name: below(2) === 0 ? 'exception' : text(),
          time: moment(),
          attributes: attributes(4),
        })),
        links: rarely(() => ({ context: context(), attributes: attributes(2) })),
        resource: pick(resources),
        instrumentationScope: pick(scopes),
        droppedAttributesCount: below(3),
      });
    },
    log() {
      return aLog({
        hrTime: below(20) === 0 ? [0.5, 0] : moment(),
        hrTimeObserved: moment(),
        ...(below(2) === 0 ? { spanContext: context() } : {}),
        severityNumber: below(26),
        severityText: pick(['INFO', 'warn', '', text()]),
        body: below(3) === 0 ? value(0) : text(),
        ...(below(2) === 0 ? { eventName: text() } : {}),
        attributes: someAttributes(),
        resource: pick(resources),
        instrumentationScope: pick(scopes),
        droppedAttributesCount: below(2),
      });
    },
  };
}
