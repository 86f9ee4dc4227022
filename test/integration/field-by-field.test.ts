import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { codesIn, tableRows } from '../package/docs.ts';
import type { Database } from '../support/databases.ts';
import { hasProgram, postgresProgram, startPostgres, startRedis } from '../support/databases.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { startKafkaBroker } from '../support/kafka-broker.ts';
import { runScript } from '../support/run-script.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the SDK handed to its processors, as JSON. */
interface Witnessed {
  readonly spans: readonly Json[];
  readonly logs: readonly Json[];
}

/** A part of the payload that must be so; `undefined` when it must not be there. */
type Expected = readonly [path: string, value: unknown];

const json = (value: unknown): Json => Object(value) as Json;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const HEX32 = /^[0-9a-f]{32}$/;
const HEX16 = /^[0-9a-f]{16}$/;

function timestamp(time: unknown): string {
  const [seconds = 0, nanos = 0] = time as readonly number[];
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanos).padStart(9, '0')}Z`;
}

const withEmail = (text: unknown): unknown =>
  typeof text === 'string'
    ? text.replaceAll(
        /[\w.]+@example\.com/g,
        (mail) => `[email sha256:${sha256(mail).slice(0, 32)}]`,
      )
    : text;

const changedQuery = (text: string): string =>
  text
    .replace('page=2&token=hidden-token', 'page=2&token=[query]')
    .replace('//127.0.0.1', '//[ip]');
const withoutAddress = (text: string): string => text.replaceAll('127.0.0.1', '[ip]');
const changedStatement = (text: string): string => text.replace("'ana@example.com'", '?');

/** Attributes whose values travel changed, by name, and into what. */
const CHANGED: Readonly<Record<string, (value: string) => unknown>> = {
  'db.query.text': changedStatement,
  'db.statement': changedStatement,
  'exception.message': withoutAddress,
  'exception.stacktrace': withoutAddress,
  'http.target': changedQuery,
  'http.url': changedQuery,
  'url.full': changedQuery,
  'url.path': changedQuery,
  'url.query': changedQuery,
};

/** Attributes in whose place a digest stands, under a name that says so. */
const HASHED: ReadonlySet<string> = new Set([
  'client.address',
  'http.client_ip',
  'http.user_agent',
  'net.peer.ip',
  'network.peer.address',
  'net.sock.peer.addr',
  'user.email',
  'user_agent.original',
]);
const WITHHELD = ['process.command_args', 'process.executable.path', 'process.owner'];

function attributesAt(path: string, given: unknown): readonly Expected[] {
  return Object.entries(json(given)).flatMap(([name, value]): readonly Expected[] => {
    if (typeof value === 'string' && HASHED.has(name)) {
      return [
        [`${path}|${name}`, undefined],
        [`${path}|${name}_hash`, sha256(value)],
      ];
    }
    const change = CHANGED[name];
    const changed = typeof value === 'string' && change !== undefined ? change(value) : value;
    return [[`${path}|${name}`, withEmail(changed)]];
  });
}

function contextAt(path: string, given: unknown): readonly Expected[] {
  const { traceId, spanId, traceFlags, traceState, isRemote } = json(given);
  const isTrace = HEX32.test(String(traceId));
  const isSpan = HEX16.test(String(spanId));
  const flags = typeof traceFlags === 'number' ? traceFlags.toString(16).padStart(2, '0') : '01';
  return [
    [`${path}trace_id`, isTrace ? traceId : undefined],
    [`${path}span_id`, isSpan ? spanId : undefined],
    [`${path}invalid_trace_id`, isTrace ? undefined : traceId],
    [`${path}invalid_span_id`, isSpan ? undefined : spanId],
    [`${path}trace_flags`, flags === '01' ? undefined : flags],
    [`${path}trace_state`, traceState],
    [`${path}is_remote`, path === '' ? undefined : isRemote],
  ];
}

const dropped =
  (kind: string) =>
  (count: unknown): readonly Expected[] => [[`dropped|${kind}`, count === 0 ? undefined : count]];
const asText =
  (path: string) =>
  (value: unknown): readonly Expected[] => [[path, value === '' ? undefined : withEmail(value)]];
const asTime =
  (path: string) =>
  (value: unknown): readonly Expected[] => [[path, timestamp(value)]];

const withoutAddressIn = (text: unknown): unknown =>
  typeof text === 'string' ? withoutAddress(text) : text;

/** Every field that a record has, and where in the payload it is. */
const FIELDS: Readonly<Record<string, (value: unknown) => readonly Expected[]>> = {
  name: asText('name'),
  eventName: asText('event_name'),
  body: (body) => (typeof body === 'string' ? asText('body')(body) : attributesAt('body', body)),
  severityText: asText('severity_text'),
  kind: (kind) => [
    ['kind', ['internal', 'server', 'client', 'producer', 'consumer'][Number(kind)]],
  ],
  status: (status) => [
    ['status|code', ['unset', 'ok', 'error'][Number(json(status)['code'])]],
    ['status|message', withEmail(withoutAddressIn(json(status)['message']))],
  ],
  severityNumber: (number) => [['severity_number', number === 0 ? undefined : number]],
  startTime: asTime('start_time'),
  endTime: asTime('end_time'),
  hrTime: asTime('time'),
  hrTimeObserved: asTime('observed_time'),
  duration: (duration) => {
    const [seconds = 0, nanos = 0] = duration as readonly number[];
    return [['duration_ms', (seconds * 1e9 + nanos) / 1e6]];
  },
  attributes: (attributes) => attributesAt('attributes', attributes),
  events: (events) =>
    (events as readonly Json[]).flatMap(
      ({ name, time, attributes, droppedAttributesCount }, at) => [
        [`events|${at}|name`, name] as const,
        [`events|${at}|time`, timestamp(time)] as const,
        [
          `events|${at}|dropped`,
          droppedAttributesCount === 0 ? undefined : expect.anything(),
        ] as const,
        ...attributesAt(`events|${at}|attributes`, attributes),
      ],
    ),
  links: (links) =>
    (links as readonly Json[]).flatMap(({ context, attributes }, at) => [
      ...contextAt(`links|${at}|`, context),
      ...attributesAt(`links|${at}|attributes`, attributes),
    ]),
  spanContext: (context) => contextAt('', context),
  parentSpanContext: (parent) => [
    ['parent_span_id', json(parent)['spanId']],
    ['parent_is_remote', json(parent)['isRemote'] === true ? true : undefined],
  ],
  resource(resource) {
    const { attributes, schemaUrl } = json(resource);
    const kept = Object.entries(json(attributes)).filter(([name]) => !WITHHELD.includes(name));
    return [
      ...attributesAt('resource', Object.fromEntries(kept)),
      ...WITHHELD.map((name) => [`resource|${name}`, undefined] as const),
      ['resource_schema_url', schemaUrl],
    ];
  },
  instrumentationScope(scope) {
    const { name, version, schemaUrl, attributes } = json(scope);
    const own: readonly Expected[] = [
      ['scope|name', name],
      ['scope|version', version === '' ? undefined : version],
      ['scope|schema_url', schemaUrl === '' ? undefined : schemaUrl],
    ];
    return [...own, ...attributesAt('scope|attributes', attributes)];
  },
  droppedAttributesCount: dropped('attributes'),
  droppedEventsCount: dropped('events'),
  droppedLinksCount: dropped('links'),
  ended: () => [['ended', undefined]],
};

/** What of a record is not in its event as the table says. */
function differences(record: Json, { payload }: LedgerEntry): readonly string[] {
  const event: unknown = JSON.parse(payload);
  const at = (path: string): unknown =>
    path.split('|').reduce((inner: unknown, name) => json(inner)[name], event);
  return Object.entries(record).flatMap(([member, value]) => {
    const field = FIELDS[member];
    if (field === undefined) return [`${member} is in no row`];
    return field(value).flatMap(([path, wanted]) => {
      const found = at(path);
      const same = wanted === undefined ? found === undefined : isSame(found, wanted);
      return same
        ? []
        : [`${path}: ${JSON.stringify(found)} in place of ${JSON.stringify(wanted)}`];
    });
  });
}

function isSame(found: unknown, wanted: unknown): boolean {
  try {
    expect(found).toEqual(wanted);
    return true;
  } catch {
    return false;
  }
}

const canHavePostgres = postgresProgram('initdb') !== undefined;
const canHaveRedis = hasProgram('redis-server');
let postgres: Database | undefined;
let redis: Database | undefined;
let kafka: KafkaBroker;

beforeAll(async () => {
  if (canHavePostgres) postgres = await startPostgres();
  if (canHaveRedis) redis = await startRedis();
  kafka = await startKafkaBroker();
}, 60_000);

afterAll(async () => {
  await Promise.all([postgres?.stop(), redis?.stop(), kafka.close()]);
});

/** Libraries, what their instrumentations must have recorded at least, and whether they can run. */
const LIBRARIES: readonly (readonly [string, { spans?: number; logs?: number; can?: boolean }])[] =
  [
    ['http', { spans: 5 }],
    ['express', { spans: 8 }],
    ['undici', { spans: 5 }],
    ['fastify', { spans: 6 }],
    ['pg', { spans: 3, can: canHavePostgres }],
    ['ioredis', { spans: 4, can: canHaveRedis }],
    ['kafkajs', { spans: 2 }],
    ['aws-lambda', { spans: 2 }],
    ['pino', { spans: 1, logs: 3 }],
    ['winston', { spans: 1, logs: 3 }],
    ['bunyan', { spans: 1, logs: 3 }],
  ];

describe('every field of what an instrumentation records is in the event, as the table says', () => {
  it('has a row in the table of the README for each field', () => {
    const rows = tableRows('README.md', 'One event, in and out').map(([cell = '']) => cell);
    expect(rows.flatMap(codesIn).sort()).toEqual(Object.keys(FIELDS).sort());
  });

  const cases = LIBRARIES.flatMap(([library, wanted]) =>
    ['', 'http,database'].map((conventions) => [library, conventions, wanted] as const),
  );
  for (const [library, conventions, { spans = 0, logs = 0, can = true }] of cases) {
    it.skipIf(!can)(
      `${library}, with the ${conventions === '' ? 'default' : 'stable'} semantic conventions`,
      async () => {
        const emulator = await createEmulator({ apiKey: 'local' });
        const { exit, out, err } = await runScript(
          'test/integration/fixtures/field-by-field/work.cjs',
          {
            args: [library],
            env: {
              IMTBL_URL: emulator.url,
              IMTBL_API_KEY: 'local',
              OTEL_SEMCONV_STABILITY_OPT_IN: conventions,
              PG_URL: postgres?.url ?? '',
              REDIS_URL: redis?.url ?? '',
              KAFKA: kafka.address,
            },
          },
        );
        const events = emulator.events();
        await emulator.close();
        expect({ exit, err }).toMatchObject({ exit: 0 });
        const witnessed = JSON.parse(out) as Witnessed;
        expect(witnessed.spans.length).toBeGreaterThanOrEqual(spans);
        expect(witnessed.logs.length).toBeGreaterThanOrEqual(logs);
        expect(events).toHaveLength(witnessed.spans.length + witnessed.logs.length);
        const byKey = new Map(events.map((event) => [event.idempotencyKey, event]));
        for (const record of [...witnessed.spans, ...witnessed.logs]) {
          const { traceId, spanId } = json(record['spanContext']);
          const uid = json(record['attributes'])['log.record.uid'];
          const key = typeof uid === 'string' ? uid : `${String(traceId)}-${String(spanId)}`;
          const event = byKey.get(key);
          expect(event && differences(record, event)).toEqual([]);
        }
      },
    );
  }
});
