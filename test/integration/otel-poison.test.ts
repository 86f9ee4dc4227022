import type { LogRecord } from '@opentelemetry/api-logs';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { expectBalance } from '../support/balance.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { startOtel, stopOtel } from '../support/otel-setup.ts';
import type { UntypedLogger } from './otel-sample-traffic.ts';

const BATCH = 512;
const POISON_AT = 200;

let setup: OtelSetup | undefined;

afterEach(async () => {
  await stopOtel(setup);
  setup = undefined;
});

interface Poison {
  readonly record: { readonly [field in keyof LogRecord]: unknown };
  /** What is left of it in the ledger's payload. */
  readonly left: object;
}

function circular(): object {
  const body: Record<string, unknown> = { name: 'ring' };
  body['self'] = body;
  return body;
}

function nested(depth: number): object {
  let body: object = { end: true };
  for (let level = 0; level < depth; level += 1) body = { next: body };
  return body;
}

const THROWING_GETTER = {
  before: 1,
  get bad(): never {
    throw new Error('not readable');
  },
  after: 2,
};

const THROWING_PROXY: object = new Proxy(
  {},
  {
    ownKeys() {
      throw new Error('no keys');
    },
    get() {
      throw new Error('no values');
    },
    getPrototypeOf() {
      throw new Error('no prototype');
    },
  },
);

const POISONS: Readonly<Record<string, () => Poison>> = {
  'a circular body': () => ({
    record: { body: circular() },
    left: { body: { name: 'ring', self: '[Circular]' } },
  }),
  'a BigInt body': () => ({
    record: { body: 123_456_789_012_345_678_901n },
    left: { body: '123456789012345678901' },
  }),
  'a time that is NaN': () => ({
    record: { timestamp: Number.NaN, observedTimestamp: [1_790_000_000, 5], body: 'when?' },
    left: { time: '2026-09-21T14:13:20.000000005Z', time_invalid: true, body: 'when?' },
  }),
  'both times NaN': () => ({
    record: { timestamp: Number.NaN, observedTimestamp: Number.NaN, body: 'when?' },
    left: { time: expect.stringMatching(/^20\d\d-/), time_invalid: true, body: 'when?' },
  }),
  'a getter that throws': () => ({
    record: { body: THROWING_GETTER },
    left: { body: { before: 1, bad: '[Unreadable]', after: 2 } },
  }),
  'a Proxy that throws': () => ({
    record: { body: { inner: THROWING_PROXY } },
    left: { body: { inner: '[Unreadable]' } },
  }),
  'a nesting of 100,000 levels': () => ({
    record: { body: nested(100_000) },
    left: { body: { next: { next: expect.anything() } } },
  }),
  'a __proto__ key': () => ({
    record: { body: JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') },
    left: { body: JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') },
  }),
  'a lone surrogate': () => ({
    record: { body: { '\udc00key': 'cut \ud83d off' }, eventName: 'odd \ud800 name' },
    left: { body: { '\ufffdkey': 'cut \ufffd off' }, event_name: 'odd \ufffd name' },
  }),
  'a string of 10 MB': () => ({
    record: { body: 'lorem ipsum '.repeat(900_000) },
    left: { body: expect.stringMatching(/^lorem ipsum /), truncated: expect.anything() },
  }),
  'a symbol and a function': () => ({
    record: { body: { tag: Symbol('s'), act: () => 1 } },
    left: { body: { tag: '[Symbol]', act: '[Function]' } },
  }),
};

/** Emits a full batch with one bad record in the middle. */
async function emitBatch(program: OtelSetup, poison: Poison['record']): Promise<void> {
  const logger: UntypedLogger = program.logger;
  for (let index = 0; index < BATCH; index += 1) {
    const fields = index === POISON_AT ? poison : { body: `record ${index}` };
    logger.emit({ ...fields, attributes: { sequence: index } });
  }
  await program.flush();
}

function sequences(program: OtelSetup): readonly number[] {
  const payloads = program.emulator.events().map(({ payload }) => JSON.parse(payload));
  return payloads.map(({ attributes }) => attributes.sequence).sort((a, b) => a - b);
}

const ALL = Array.from({ length: BATCH }, (_, index) => index);
const ALL_BUT_POISON = ALL.filter((index) => index !== POISON_AT);

describe('one bad record in a batch of 512', () => {
  it.each(Object.entries(POISONS))(
    '%s reaches the ledger with its 511 neighbours',
    async (...row) => {
      setup = await startOtel();
      const { record, left } = row[1]();
      await emitBatch(setup, record);
      expect(sequences(setup)).toEqual(ALL);
      const entry = setup.emulator
        .events()
        .find(({ payload }) => JSON.parse(payload).attributes.sequence === POISON_AT);
      expect(JSON.parse(entry?.payload ?? '{}')).toMatchObject(left);
      expect(setup.emulator.violations()).toEqual([]);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expectBalance(setup.logExporter.stats());
      expect(setup.logExporter.stats()).toMatchObject({ emitted: BATCH, accepted: BATCH });
    },
  );

  it('a record that cannot be read at all costs itself only', async () => {
    const spoiler: LogRecordProcessor = {
      onEmit(record) {
        if (record.attributes['sequence'] !== POISON_AT) return;
        Object.defineProperty(record, 'attributes', {
          get() {
            throw new Error('not readable');
          },
        });
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    setup = await startOtel({
      logProcessors: (exporter) => [spoiler, new BatchLogRecordProcessor({ exporter })],
    });
    await emitBatch(setup, { body: 'spoilt' });
    expect(sequences(setup)).toEqual(ALL_BUT_POISON);
    const stats = setup.logExporter.stats();
    expectBalance(stats);
    expect(stats).toMatchObject({ emitted: BATCH, accepted: BATCH - 1 });
    expect(stats.dropped.encode_failed).toBe(1);
  });

  it('an event that the ledger refuses costs itself only', async () => {
    setup = await startOtel();
    setup.emulator.fail({
      status: 400,
      times: Infinity,
      when: ({ body }) => body.includes('refuse me'),
    });
    await emitBatch(setup, { body: 'refuse me' });
    expect(sequences(setup)).toEqual(ALL_BUT_POISON);
    const stats = setup.logExporter.stats();
    expectBalance(stats);
    expect(stats.dropped.rejected).toBe(1);
    const refused = setup.emulator.requests().filter(({ status }) => status === 400);
    expect(refused).toHaveLength(1);
  });
});
