import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import type { Stats } from '../../src/index.ts';
import { Counters } from '../../src/telemetry/counters.ts';

interface Evidence {
  readonly counted: { readonly spans: number; readonly logs: number };
  readonly spans: Stats;
  readonly logs: Stats;
  readonly events: readonly Pick<LedgerEntry, 'meta'>[];
  readonly receipts: number;
  readonly violations: number;
  readonly chainHolds: boolean;
  readonly bodies: readonly string[];
  readonly secrets: readonly string[];
  readonly requests: number;
}

// A script of the examples, which have no type declarations of their own.
const {
  judge,
}: { judge: (evidence: Evidence) => readonly { readonly ok: boolean; readonly text: string }[] } =
  await import(new URL('../../examples/demo/checks.js', import.meta.url).href);

/** The numbers of an exporter that had one event, but for those given. */
function stats(counts: Partial<Stats>): Stats {
  return { ...new Counters().stats(), emitted: 1, accepted: 1, ...counts };
}

const GOOD: Evidence = {
  counted: { spans: 3, logs: 1 },
  spans: stats({ emitted: 3, accepted: 1, filtered: 2 }),
  logs: stats({}),
  events: [{ meta: { http_status: '200' } }, { meta: {} }],
  receipts: 2,
  violations: 0,
  chainHolds: true,
  bodies: ['{"email_hash":"8e43"}', '{"body":"[cpf]"}'],
  secrets: ['ana@example.com', 'ana%40example.com'],
  requests: 1,
};

function failures(change: Partial<Evidence>): readonly string[] {
  return judge({ ...GOOD, ...change })
    .filter(({ ok }) => !ok)
    .map(({ text }) => text);
}

describe('the checks of the demo', () => {
  it('pass when everything adds up', () => {
    expect(failures({})).toEqual([]);
  });

  it.each<[what: string, change: Partial<Evidence>, text: RegExp]>([
    ['a span the exporter never saw', { counted: { spans: 4, logs: 1 } }, /^spans: 4 counted/],
    ['a log record still under way', { logs: stats({ emitted: 1, inFlight: 1 }) }, /^logs: /],
    [
      'a span that was lost',
      {
        spans: stats({
          emitted: 3,
          accepted: 1,
          filtered: 1,
          dropped: { ...stats({}).dropped, deadline: 1 },
        }),
      },
      /^spans: .* 1 lost$/,
    ],
    ['a request without its event', { requests: 2 }, /1 of 2 requests/],
    ['an event that nobody counted', { events: [...GOOD.events, { meta: {} }] }, /holds 3 events/],
    ['an event without its receipt', { receipts: 1 }, /1 receipts for 2 accepted/],
    ['a request the ledger refused', { violations: 1 }, /refused 1/],
    ['a chain that does not hold', { chainHolds: false }, /hash chain/],
    ['an address in clear', { bodies: ['to ana@example.com'] }, /^1 of 1 requests held a raw/],
    ['an address in URL encoding', { bodies: ['?a=ana%40example.com'] }, /^1 of 1 requests/],
  ])('find %s', (_what, change, text) => {
    const found = failures(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(text);
  });
});
