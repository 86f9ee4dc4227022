import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { ClientOptions, ClientStats, ImmutableLogEvent } from '../../src/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';
import { REPOSITORY } from '../support/run-script.ts';
import { codesIn, tableRows } from './docs.ts';
import { SHOWN_BY } from './shown-by.ts';

interface Case {
  /** How the row of `.github/FAILURES.md` starts that is about it. */
  readonly row: string;
  readonly fault?: Fault;
  readonly options?: ClientOptions;
  readonly event?: ImmutableLogEvent;
  readonly abortAfterMs?: number;
  /** The counters that move beside `emitted`. */
  readonly moved: readonly string[];
}

const ROWS = tableRows('.github/FAILURES.md', 'Every case');

const EVENT: ImmutableLogEvent = { eventName: 'a.b', idempotencyKey: 'key-1', payload: {} };
const ALWAYS = { times: Infinity };
const QUICK = { maxRetries: 2, initialDelayMs: 1 };
const EXHAUSTED = ['retries', 'dropped.retries_exhausted'];

const statuses = (codes: readonly number[], what: Omit<Case, 'fault'>): readonly Case[] =>
  codes.map((status) => ({ ...what, fault: { ...ALWAYS, status } }));

const CASES: readonly Case[] = [
  ...statuses([200, 202, 204], { row: 'The ledger takes it', moved: ['accepted'] }),
  ...statuses([408, 425, 500, 503], { row: 'Server down', moved: EXHAUSTED }),
  { row: 'Server down', fault: { ...ALWAYS, reset: 'before' }, moved: EXHAUSTED },
  {
    row: 'The next wait would end',
    fault: { ...ALWAYS, status: 503, headers: { 'retry-after': '60' } },
    moved: ['dropped.deadline'],
  },
  {
    row: 'The server hangs',
    fault: { ...ALWAYS, hang: true },
    options: { timeoutMs: 50 },
    moved: EXHAUSTED,
  },
  { row: "The answer's body is slow", fault: { endlessBody: true }, moved: ['accepted'] },
  ...statuses([429], { row: 'Quota used up', moved: ['dropped.quota_exhausted'] }),
  ...statuses([401, 403, 404, 405, 302], { row: 'Bad key', moved: ['dropped.unauthorized'] }),
  ...statuses([400, 413, 418, 422, 501], {
    row: 'The ledger refuses',
    moved: ['dropped.rejected'],
  }),
  ...statuses([409], { row: 'Conflict', moved: ['retries', 'dropped.rejected'] }),
  {
    row: 'The record is too large',
    event: { ...EVENT, payload: { text: 'x'.repeat(50_000) } },
    moved: ['accepted'],
  },
  {
    row: 'The record cannot be read',
    event: {
      ...EVENT,
      payload: {
        get broken(): string {
          throw new Error('broken');
        },
      },
    },
    moved: ['accepted'],
  },
  {
    row: 'The record cannot be read',
    event: { ...EVENT, eventName: '' },
    moved: ['dropped.encode_failed'],
  },
  { row: 'More than', options: { maxPendingBytes: 10 }, moved: ['dropped.queue_full'] },
  { row: 'The signal given', fault: { hang: true }, abortAfterMs: 30, moved: ['dropped.aborted'] },
  {
    row: '`onReceipt`, `onDrop`',
    options: {
      onReceipt: () => {
        throw new Error('broken');
      },
    },
    moved: ['accepted', 'callbackErrors'],
  },
];

function movedIn({ dropped, emitted, pendingBytes, ...rest }: ClientStats): readonly string[] {
  const numbers = Object.entries(rest).filter(([, value]) => typeof value === 'number');
  const losses = Object.entries(dropped).map(([reason, count]) => [`dropped.${reason}`, count]);
  expect(emitted).toBeGreaterThan(0);
  expect(pendingBytes).toBe(0);
  return [...numbers, ...losses].flatMap(([name, count]) => (count === 0 ? [] : String(name)));
}

function countersOfRow(start: string): readonly string[] {
  const row = ROWS.find(([what = '']) => what.startsWith(start));
  return codesIn(row?.[3] ?? '');
}

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator();
});

afterEach(() => ledger.close());

function createClient(options: ClientOptions = {}): ImmutableLogClient {
  return new ImmutableLogClient({ url: ledger.url, apiKey: 'key', retry: QUICK, ...options });
}

describe('what the table of failures says', () => {
  it.each(CASES)('holds: $row ($fault.status) → $moved', async (one) => {
    if (one.fault !== undefined) ledger.fail(one.fault);
    const client = createClient(one.options);
    const { abortAfterMs: ms } = one;
    const signal = ms === undefined ? undefined : AbortSignal.timeout(ms);
    await client.send(one.event ?? EVENT, { signal }).catch(() => undefined);
    const moved = movedIn(client.stats());
    await client.close();
    expect([...moved].sort()).toEqual([...one.moved].sort());
    expect(countersOfRow(one.row)).toEqual(expect.arrayContaining([...moved]));
  });

  it('counts a repeat as accepted and as duplicate', async () => {
    const client = createClient();
    await client.send(EVENT);
    await client.send(EVENT);
    await client.close();
    expect(client.stats()).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(countersOfRow('The ledger had it already')).toEqual(['accepted', 'duplicates']);
  });

  it('drops what an outage keeps waiting until close', async () => {
    ledger.fail({ status: 503, times: Infinity });
    const client = createClient({
      retry: { maxRetries: 50, initialDelayMs: 20_000, maxDelayMs: 20_000 },
    });
    client.sendAsync(EVENT);
    await expect.poll(() => ledger.requests().length).toBe(1);
    await client.close();
    expect(countersOfRow('`shutdown()` or `close()`')).toEqual(['dropped.shutdown', 'spooled']);
    expect(client.stats().dropped.shutdown).toBe(1);
  });
});

describe('every row of that table', () => {
  const starts = Object.keys(SHOWN_BY);

  it('has exactly one entry that says what shows it', () => {
    const startsOf = ROWS.map(([what = '']) => starts.filter((start) => what.startsWith(start)));
    expect(startsOf.map(({ length }) => length)).toEqual(ROWS.map(() => 1));
    expect(new Set(startsOf.flat())).toEqual(new Set(starts));
  });

  it('names test files that are there', () => {
    const files = new Set(
      readdirSync(join(REPOSITORY, 'test'), { recursive: true })
        .map((path) => basename(String(path)))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => name.slice(0, -'.test.ts'.length)),
    );
    const named = Object.values(SHOWN_BY).flat();
    expect(named.filter((name) => !files.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(40);
  });
});
