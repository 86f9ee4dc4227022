import type { ClientCore, EncodedEvent } from '../client-core.ts';
import type { Parcel } from '../delivery/delivery.ts';
import type { Fate } from '../delivery/fate.ts';
import type { InFlight } from '../delivery/in-flight.ts';
import { createInFlight } from '../delivery/in-flight.ts';
import type { OwnLifetime } from '../delivery/lifetime.ts';
import { ExporterError } from '../errors.ts';
import type { AuditEvent } from '../record/event.ts';
import { endsWithin } from '../runtime/clock.ts';
import { ownWords } from '../runtime/own-words.ts';
import type { Counters, Stats } from '../telemetry/counters.ts';
import { createCounters } from '../telemetry/counters.ts';
import type { ExporterMetrics } from '../telemetry/metrics.ts';

/** What makes the session of one signal. */
export interface SessionParts<T> {
  readonly core: ClientCore;
  /** Whether the client was made for this exporter and ends with it. */
  readonly ownsClient: boolean;
  readonly select: (record: T) => boolean;
  readonly map: (record: T) => AuditEvent;
  readonly metrics: ExporterMetrics;
}

/** The records of one exporter or processor, on one account with the client. */
export interface RecordAccount<T> {
  readonly lifetime: OwnLifetime;
  readonly counters: Counters;
  readonly inFlight: InFlight;
  /** Whether nothing is taken any more. */
  readonly ended: boolean;
  /** How records are handed over that must be settled by so many ms on the monotonic clock. */
  parcel(deadline: number): Parcel;
  /**
   * Maps and hands over one record. `done` is called once, at once or later: with `undefined` when
   * it is left out.
   */
  submit(record: T, parcel: Parcel, done: (fate: Fate | undefined) => void): void;
  /** Counts a record that came after the end. */
  refuse(): void;
  /** @throws ExporterError `deadline` when not all is settled within `shutdownTimeoutMs` */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  stats(): Stats;
}

/** Opens an account. `forceFlush` and `shutdown` are about its own records, and safe together. */
export function openRecordAccount<T>(parts: SessionParts<T>): RecordAccount<T> {
  const { core, ownsClient, select, map } = parts;
  const { clock, config } = core;
  const counters = createCounters(core.counters);
  const account = core.enrol(counters);
  const lifetime = core.adopt('background');
  const inFlight = createInFlight();
  const limit = { ms: config.shutdownTimeoutMs, hold: 'process' } as const;
  let ending: Promise<void> | undefined;

  function encode(record: T): EncodedEvent | 'left_out' | 'not_encodable' {
    try {
      return select(record) ? core.encode(map(record)) : 'left_out';
    } catch {
      return 'not_encodable';
    }
  }

  async function drain(): Promise<void> {
    lifetime.finish();
    await endsWithin(clock, inFlight.settled(), limit);
    lifetime.abort('shutdown');
    await inFlight.settled();
    if (ownsClient) await core.close();
  }

  return {
    lifetime,
    counters,
    inFlight,
    get ended() {
      return ending !== undefined;
    },
    parcel: (deadline) => core.parcel({ lifetime, account, awaited: false, deadline }),
    submit(record, parcel, done) {
      counters.emitted();
      const event = encode(record);
      if (event === 'left_out') {
        counters.filtered();
        done(undefined);
      } else if (event === 'not_encodable') {
        done(core.lose(account, 'encode_failed', 'not a record that can be encoded'));
      } else core.submit(event, parcel, done);
    },
    refuse() {
      counters.emitted();
      core.lose(account, 'shutdown', 'closed');
    },
    async forceFlush() {
      lifetime.hurry();
      if (await endsWithin(clock, inFlight.settled(), limit)) return;
      const { inFlight: open } = counters.stats();
      throw new ExporterError(
        'deadline',
        ownWords(`${open} events were still under way after the flush`),
      );
    },
    shutdown() {
      ending ??= drain();
      return ending;
    },
    stats: () => counters.stats(core.parked()),
  };
}
