import type { EventSummary } from '../config/options.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { RecordRef, Spool, SpooledRecord, StoreResult } from '../spool/spool.ts';
import type { WireRequest } from '../wire/request.ts';
import type { Delivery, DeliveryEvents, SendContext } from './delivery.ts';
import type { Drain, DrainEvents } from './drain.ts';
import type { AwaitedOutcome, Outcome, Lost } from '../outcome.ts';
import { parkReason } from '../outcome.ts';
import type { SendScope, OwnSendScope } from './send-scope.ts';
import { endReason } from './send-scope.ts';
import { heldBytes } from './limits.ts';
import type { Traffic } from './traffic.ts';

const CHUNK = 4_096;

interface Chunk {
  readonly sources: Uint16Array;
  left: number;
}

/**
 * Remembers from which source each stored record is, two bytes for each: a backlog of millions must
 * not become a list of millions of objects.
 */
export interface SourceLog {
  /** @param sourceId - from 1 to 65,535 */
  put(ref: RecordRef, sourceId: number): void;
  /** The source; 0 for a record that is nobody's here. */
  peek(ref: RecordRef): number;
  /** The source, forgotten by asking; 0 for a record that is nobody's here. */
  take(ref: RecordRef): number;
}

/** Makes an empty log. */
export function createSourceLog(): SourceLog {
  const writers = new Map<string, Map<number, Chunk>>();

  function peek({ writer, sequence }: RecordRef): number {
    const chunk = writers.get(writer)?.get(Math.floor(sequence / CHUNK));
    return chunk?.sources[sequence % CHUNK] ?? 0;
  }

  return {
    put({ writer, sequence }, sourceId) {
      let chunks = writers.get(writer);
      if (chunks === undefined) writers.set(writer, (chunks = new Map<number, Chunk>()));
      const index = Math.floor(sequence / CHUNK);
      let chunk = chunks.get(index);
      if (chunk === undefined) {
        chunk = { sources: new Uint16Array(CHUNK), left: 0 };
        chunks.set(index, chunk);
      }
      chunk.sources[sequence % CHUNK] = sourceId;
      chunk.left += 1;
    },
    peek,
    take(ref) {
      const { writer, sequence } = ref;
      const chunks = writers.get(writer);
      const index = Math.floor(sequence / CHUNK);
      const chunk = chunks?.get(index);
      const sourceId = peek(ref);
      if (chunk === undefined || sourceId === 0) return 0;
      chunk.sources[sequence % CHUNK] = 0;
      chunk.left -= 1;
      if (chunk.left === 0) chunks?.delete(index);
      return sourceId;
    },
  };
}

/** Those who await that a record on disk gets into the ledger. */
export interface Waiters {
  /** Resolves with what came of it, or when the scope ends. Never rejects. */
  wait(ref: RecordRef, scope: SendScope): Promise<AwaitedOutcome>;
  tell(ref: RecordRef, outcome: AwaitedOutcome): void;
  tellAll(outcome: AwaitedOutcome): void;
  readonly size: number;
}

const nameOf = ({ writer, sequence }: RecordRef): string => `${writer}/${sequence}`;

/** Makes an empty room. */
export function createWaiters(): Waiters {
  const waiting = new Map<string, (outcome: AwaitedOutcome) => void>();

  function tellName(name: string, outcome: AwaitedOutcome): void {
    const told = waiting.get(name);
    waiting.delete(name);
    told?.(outcome);
  }

  return {
    wait(ref, scope) {
      const name = nameOf(ref);
      return new Promise((resolve) => {
        const onAbort = (): void => {
          const failure = { detail: 'no longer awaited; kept in the spool', status: undefined };
          tellName(name, { kind: 'dropped', reason: endReason(scope), failure });
        };
        waiting.set(name, (outcome) => {
          scope.signal.removeEventListener('abort', onAbort);
          resolve(outcome);
        });
        if (scope.signal.aborted) onAbort();
        else scope.signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    tell(ref, outcome) {
      if (waiting.size > 0) tellName(nameOf(ref), outcome);
    },
    tellAll(outcome) {
      for (const name of waiting.keys()) tellName(name, outcome);
    },
    get size() {
      return waiting.size;
    },
  };
}

/** What callbacks are told of a record that was on disk. */
function summaryOf({ idempotencyKey, body }: SpooledRecord): EventSummary {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  // The body is of our own making and its checksum held.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { meta } = parsed as { readonly meta: EventSummary['meta'] };
  return { idempotencyKey, meta };
}

/** What the parts of a spooled delivery share before it is put together. */
export interface DrainEventsDeps {
  readonly sources: SourceLog;
  readonly waiters: Waiters;
  readonly events: DeliveryEvents;
  /** Moved for each event that goes into quarantine. */
  readonly quarantinedByStatus: Record<string, number>;
}

/** Turns what the drain tells into what the client counts and its callers await. */
export function createDrainEvents(deps: DrainEventsDeps): DrainEvents {
  const { sources, waiters, events, quarantinedByStatus } = deps;
  return {
    delivered(record, { receipt }) {
      events.delivered(sources.take(record.ref), receipt, () => summaryOf(record));
      waiters.tell(record.ref, { kind: 'accepted', receipt });
    },
    quarantined(record, { failure }) {
      const status = String(failure.status ?? 'none');
      quarantinedByStatus[status] = (quarantinedByStatus[status] ?? 0) + 1;
      events.quarantined(sources.take(record.ref), failure.status, () => summaryOf(record));
      waiters.tell(record.ref, { kind: 'quarantined', failure });
    },
    parked(outcome) {
      const reason = parkReason(outcome.kind);
      waiters.tellAll({ kind: 'parked', reason, failure: outcome.failure });
    },
    retried(ref) {
      events.retried(sources.peek(ref));
    },
  };
}

/** Time between two looks for spools that other processes left behind, ms. */
const ADOPT_EVERY_MS = 60_000;
/** Time in ms that closing the files may take on top of the budget. */
const CLOSE_MS = 400;

// Reasons that have nothing to do with the disk that refused.
const OWN_REASONS: ReadonlySet<Lost['reason']> = new Set(['rejected', 'aborted', 'shutdown']);

/** What delivers with a spool. */
export interface SpooledParts {
  readonly spool: Spool;
  readonly drain: Drain;
  readonly traffic: Traffic;
  readonly sources: SourceLog;
  readonly waiters: Waiters;
  /** Delivers from memory: what stands in while the disk refuses. */
  readonly memory: Delivery;
  /** Bytes that may wait for their commit. */
  readonly maxPendingBytes: number;
  readonly scope: OwnSendScope;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly events: DeliveryEvents;
  /** Registers what is to be done when the process exits; returns how to take it back. */
  readonly onExit: (run: () => void) => () => void;
  readonly quarantinedByStatus: Readonly<Record<string, number>>;
}

interface HandedOver {
  readonly request: WireRequest;
  readonly context: SendContext;
  readonly done: (outcome: Outcome) => void;
}

function lost(reason: Lost['reason'], detail: string): Lost {
  return { kind: 'dropped', reason, failure: { detail, status: undefined } };
}

/**
 * Delivery that keeps every event on disk first: handing one over ends when it is committed, and
 * the drain sends it in its own time. While the disk refuses, events are delivered from memory.
 */
export function createSpooledDelivery(parts: SpooledParts): Delivery {
  const { spool, drain, traffic, sources, waiters, memory, scope, clock, events } = parts;
  let pendingBytes = 0;
  let unusable = false;
  let closed = false;
  let cancelAdoption = (): void => {};

  async function adopt(): Promise<void> {
    const count = await spool.adopt();
    if (count > 0) {
      events.recovered(count);
      parts.diagnostics.report({ code: 'spool_recovered', count });
      traffic.startSlowly();
    }
    // Also for what could not be read the last time.
    drain.wake();
    if (closed) return;
    const again = { ms: ADOPT_EVERY_MS, hold: 'background', run: () => void adopt() } as const;
    cancelAdoption = clock.after(again);
  }

  function deliverFromMemory({ request, context, done }: HandedOver, detail: string): void {
    if (!unusable) parts.diagnostics.report({ code: 'spool_unusable', detail });
    unusable = true;
    memory.deliver(request, context, (outcome) => {
      const other = outcome.kind !== 'dropped' || OWN_REASONS.has(outcome.reason);
      done(other ? outcome : lost('spool_full', detail));
    });
  }

  function awaitDelivery(ref: RecordRef, { scope: until }: SendContext): Promise<AwaitedOutcome> {
    const { halted } = memory.state();
    if (halted === undefined) return waiters.wait(ref, until);
    const failure = { detail: 'traffic is stopped', status: undefined };
    return Promise.resolve({ kind: 'parked', reason: parkReason(halted), failure });
  }

  function onStored(handedOver: HandedOver, result: StoreResult): void {
    const { context, done } = handedOver;
    switch (result.kind) {
      case 'stored': {
        unusable = false;
        if (context.sourceId > 0) sources.put(result.ref, context.sourceId);
        const delivered = context.awaited ? awaitDelivery(result.ref, context) : undefined;
        drain.wake();
        done({ kind: 'spooled', delivered });
        return;
      }
      case 'unwritable':
        deliverFromMemory(handedOver, result.detail);
        return;
      case 'full':
        done(lost('spool_full', result.detail));
        return;
      case 'closed':
        done(lost('shutdown', result.detail));
    }
  }

  function deliver(
    request: WireRequest,
    context: SendContext,
    done: (outcome: Outcome) => void,
  ): void {
    const bytes = heldBytes(request);
    if (pendingBytes + bytes > parts.maxPendingBytes) {
      done(lost('queue_full', 'maxPendingBytes reached'));
      return;
    }
    pendingBytes += bytes;
    void spool.store(request).then((result) => {
      pendingBytes -= bytes;
      onStored({ request, context, done }, result);
    });
  }

  const forgetExit = parts.onExit(() => {
    spool.storeRestNow();
  });
  void adopt();

  return {
    deliver,
    state() {
      const { pendingBytes: inMemory, halted } = memory.state();
      return {
        pendingBytes: pendingBytes + inMemory,
        halted,
        spool: {
          ...spool.stats(),
          breaker: traffic.breaker(),
          quarantinedByStatus: { ...parts.quarantinedByStatus },
        },
      };
    },
    resume() {
      memory.resume();
      drain.wake();
      drain.hurry();
    },
    async flush() {
      await spool.settled();
      drain.hurry();
      await drain.idle();
    },
    async close(limitMs) {
      closed = true;
      cancelAdoption();
      const limit = { ms: Math.max(limitMs, 0), hold: 'process' } as const;
      await endsWithin(clock, this.flush(), limit);
      scope.abort('shutdown');
      await drain.stop();
      waiters.tellAll(lost('shutdown', 'closed; kept in the spool'));
      await endsWithin(clock, spool.close(), { ms: CLOSE_MS, hold: 'process' });
      forgetExit();
      await memory.close(0);
    },
  };
}
