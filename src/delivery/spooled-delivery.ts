import type { EventSummary } from '../config/options.ts';
import type { AwaitedOutcome, DropReason } from '../outcome.ts';
import { HALT_REASONS, lost } from '../outcome.ts';
import { endsWithin } from '../runtime/clock.ts';
import { onProcessExit } from '../runtime/process.ts';
import type { RecordRef, Spool, SpooledRecord, StoreResult } from '../spool/spool.ts';
import { Commits } from './commits.ts';
import type {
  Delivery,
  DeliveryConfig,
  DeliveryDeps,
  DeliveryState,
  PendingEvent,
  SendContext,
} from './delivery.ts';
import { outcomeOf } from './delivery.ts';
import type { DrainEvents } from './drain.ts';
import { Drain } from './drain.ts';
import type { HaltingTransport } from './halt.ts';
import { heldBytes } from './delivery.ts';
import type { SendScope } from './send-scope.ts';
import { OwnSendScope, endReason } from './send-scope.ts';
import { Traffic } from './traffic.ts';

/**
 * Time between two looks for spools that other processes left behind, ms. With the 40 s after which
 * a writer on another machine is thought dead, its events are taken over within a minute.
 */
const ADOPT_EVERY_MS = 20_000;
/** Time in ms that closing the files may take on top of the budget. */
const CLOSE_MS = 400;

// Reasons that have nothing to do with the disk that refused.
const OWN_REASONS: ReadonlySet<DropReason> = new Set(['rejected', 'aborted', 'shutdown']);

/** The options that it is made from. */
export type SpooledConfig = Pick<DeliveryConfig, 'retry' | 'concurrency' | 'maxPendingBytes'>;

/** What stands around the spool. */
export interface SpooledWays {
  readonly spool: Spool;
  /** Attempts from the spool. */
  readonly transport: HaltingTransport;
  /** Delivers from memory: what stands in while the disk refuses. */
  readonly memory: Delivery;
}

/**
 * Delivery that keeps every event on disk first: handing one over ends when it is committed, and
 * the drain sends it in its own time. While the disk refuses, events are delivered from memory. A
 * disk that gives no answer at all holds nobody up: handing over ends by deadline or scope.
 */
export class SpooledDelivery implements Delivery {
  readonly #deps: DeliveryDeps;
  readonly #spool: Spool;
  readonly #transport: HaltingTransport;
  readonly #memory: Delivery;
  /** Bytes that may wait for their commit. */
  readonly #maxPendingBytes: number;
  /** An attempt holds the process, be it awaited or not; the waits between attempts do not. */
  readonly #scope = new OwnSendScope('process');
  readonly #sources = new SourceLog();
  readonly #waiters = new Waiters();
  readonly #commits: Commits;
  readonly #quarantinedByStatus: Record<string, number> = {};
  readonly #traffic: Traffic;
  readonly #drain: Drain;
  readonly #forgetExit: () => void;
  #cancelAdoption = (): void => {};
  #adopting: Promise<void> | undefined;
  #pendingBytes = 0;
  #unusable = false;
  #closed = false;

  constructor(config: SpooledConfig, deps: DeliveryDeps, ways: SpooledWays) {
    const { retry: policy, concurrency } = config;
    const { clock, diagnostics, redactText, ids } = deps;
    const { spool, transport, memory } = ways;
    const { random } = ids;
    this.#deps = deps;
    this.#commits = new Commits(clock, () => {
      diagnostics.report({ code: 'spool_stalled' });
    });
    this.#spool = spool;
    this.#transport = transport;
    this.#memory = memory;
    this.#maxPendingBytes = config.maxPendingBytes;
    const outside = { clock, random, diagnostics };
    this.#traffic = new Traffic({ ...outside, policy, concurrency, halting: transport });
    this.#drain = new Drain({
      spool,
      transport,
      concurrency,
      traffic: this.#traffic,
      policy,
      clock,
      random,
      redactText,
      scope: this.#scope,
      awaited: () => this.#waiters.size > 0,
      wantsReceipts: () => deps.wantsReceipts || this.#waiters.size > 0,
      events: this.#drainEvents(),
    });
    this.#forgetExit = onProcessExit(() => {
      if (this.#commits.isStuck()) this.#commits.giveUp();
      else spool.storeRestNow();
    });
    spool.onRetryDue(() => void this.#adopt());
    void this.#adopt();
  }

  send(event: PendingEvent): void {
    const bytes = heldBytes(event.request);
    if (this.#pendingBytes + bytes > this.#maxPendingBytes) {
      event.end(lost('queue_full', 'maxPendingBytes reached'));
      return;
    }
    this.#pendingBytes += bytes;
    const commit = this.#commits.begin(event);
    void this.#spool.store(event.request).then((result) => {
      // Until then the spool holds its bytes, whoever has given up waiting.
      this.#pendingBytes -= bytes;
      if (this.#commits.end(commit)) this.#onStored(event, result);
      else if (result.kind === 'stored') this.#onStoredLate();
    });
  }

  pendingBytes(): number {
    return this.#pendingBytes + this.#memory.pendingBytes();
  }

  state(): DeliveryState {
    return {
      pendingBytes: this.pendingBytes(),
      halted: this.#transport.halted(),
      spool: {
        ...this.#spool.stats(),
        stalled: this.#commits.isStuck(),
        breaker: this.#traffic.breaker,
        quarantinedByStatus: { ...this.#quarantinedByStatus },
      },
    };
  }

  resume(): void {
    this.#memory.resume();
    this.#drain.resume();
  }

  async flush(): Promise<void> {
    await this.#spool.settled();
    // What is being taken over belongs to what is on disk.
    await this.#adopting;
    this.#drain.hurry();
    await this.#drain.idle();
  }

  async close(limitMs: number): Promise<void> {
    const { clock } = this.#deps;
    this.#closed = true;
    this.#cancelAdoption();
    await endsWithin(clock, this.flush(), { ms: Math.max(limitMs, 0), hold: 'process' });
    this.#scope.abort('shutdown');
    const stopped = this.#drain.stop().then(() => {
      this.#waiters.tellAll(lost('shutdown', 'closed; kept in the spool'));
      return this.#spool.close();
    });
    await endsWithin(clock, stopped, { ms: CLOSE_MS, hold: 'process' });
    // Also where the disk does not answer.
    this.#waiters.tellAll(lost('shutdown', 'closed; kept in the spool'));
    this.#commits.giveUp();
    this.#forgetExit();
    await this.#memory.close(0);
  }

  #adopt(): Promise<void> {
    this.#adopting ??= this.#adoptNow().finally(() => {
      this.#adopting = undefined;
    });
    return this.#adopting;
  }

  async #adoptNow(): Promise<void> {
    const { clock, diagnostics, events } = this.#deps;
    this.#cancelAdoption();
    const count = await this.#spool.adopt();
    if (count > 0) {
      events.recovered(count);
      diagnostics.report({ code: 'spool_recovered', count });
      this.#traffic.startSlowly();
    }
    // Also for what could not be read the last time.
    this.#drain.wake();
    if (this.#closed) return;
    const run = (): void => void this.#adopt();
    this.#cancelAdoption = clock.after({ ms: ADOPT_EVERY_MS, hold: 'background', run });
  }

  /** It was given up, and is on disk all the same: it counts again, as one that was found there. */
  #onStoredLate(): void {
    this.#deps.events.recovered(1);
    this.#drain.wake();
  }

  #onStored(event: PendingEvent, result: StoreResult): void {
    switch (result.kind) {
      case 'stored': {
        const { context } = event;
        this.#unusable = false;
        if (context.sourceId > 0) this.#sources.put(result.ref, context.sourceId);
        const delivered = context.awaited ? this.#awaitDelivery(result.ref, context) : undefined;
        this.#drain.wake();
        event.settle({ kind: 'spooled', delivered });
        return;
      }
      case 'unwritable':
        this.#deliverFromMemory(event, result.detail);
        return;
      case 'full':
        event.end(lost('spool_full', result.detail));
        return;
      case 'closed':
        event.end(lost('shutdown', result.detail));
    }
  }

  #awaitDelivery(ref: RecordRef, { scope }: SendContext): Promise<AwaitedOutcome> {
    const halted = this.#transport.halted();
    if (halted === undefined || this.#transport.inDoubt()) return this.#waiters.wait(ref, scope);
    const failure = { detail: 'traffic is stopped', status: undefined };
    return Promise.resolve({ kind: 'parked', reason: HALT_REASONS[halted], failure });
  }

  #deliverFromMemory(event: PendingEvent, detail: string): void {
    if (!this.#unusable) this.#deps.diagnostics.report({ code: 'spool_unusable', detail });
    this.#unusable = true;
    event.onEnd((_, attempt) => {
      const outcome = outcomeOf(attempt);
      const other = outcome.kind !== 'dropped' || OWN_REASONS.has(outcome.reason);
      event.end(other ? outcome : lost('spool_full', detail));
    });
    this.#memory.send(event);
  }

  /** Turns what the drain tells into what the client counts and its callers await. */
  #drainEvents(): DrainEvents {
    const { events } = this.#deps;
    const sources = this.#sources;
    const waiters = this.#waiters;
    return {
      delivered(record, { receipt }) {
        events.delivered(sources.take(record.ref), receipt, () => summaryOf(record));
        waiters.tell(record.ref, { kind: 'accepted', receipt });
      },
      quarantined: (record, { failure }) => {
        const status = String(failure.status ?? 'none');
        const before = this.#quarantinedByStatus[status] ?? 0;
        this.#quarantinedByStatus[status] = before + 1;
        events.quarantined(sources.take(record.ref), failure.status, () => summaryOf(record));
        waiters.tell(record.ref, { kind: 'quarantined', failure });
      },
      parked: ({ ref }, { kind, failure }) => {
        const parked = { kind: 'parked', reason: HALT_REASONS[kind], failure } as const;
        // One event may be refused for what is in it: the others hear of it when traffic stands.
        if (this.#transport.inDoubt()) waiters.tell(ref, parked);
        else waiters.tellAll(parked);
      },
      retried(ref) {
        events.retried(sources.peek(ref));
      },
    };
  }
}

/** What callbacks are told of a record that was on disk. */
function summaryOf({ idempotencyKey, body }: SpooledRecord): EventSummary {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  // The body is of our own making and its checksum held.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { meta } = parsed as { readonly meta: EventSummary['meta'] };
  return { idempotencyKey, meta };
}

/** Those who await that a record on disk gets into the ledger. */
class Waiters {
  readonly #waiting = new Map<string, (outcome: AwaitedOutcome) => void>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with what came of it, or when the scope ends. Never rejects. */
  wait(ref: RecordRef, scope: SendScope): Promise<AwaitedOutcome> {
    const name = nameOf(ref);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#tell(name, lost(endReason(scope), 'no longer awaited; kept in the spool'));
      };
      this.#waiting.set(name, (outcome) => {
        scope.signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      });
      if (scope.signal.aborted) onAbort();
      else scope.signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  tell(ref: RecordRef, outcome: AwaitedOutcome): void {
    if (this.#waiting.size > 0) this.#tell(nameOf(ref), outcome);
  }

  tellAll(outcome: AwaitedOutcome): void {
    for (const name of this.#waiting.keys()) this.#tell(name, outcome);
  }

  #tell(name: string, outcome: AwaitedOutcome): void {
    const told = this.#waiting.get(name);
    this.#waiting.delete(name);
    told?.(outcome);
  }
}

function nameOf({ writer, sequence }: RecordRef): string {
  return `${writer}/${sequence}`;
}

const CHUNK = 4_096;

interface Chunk {
  readonly sources: Uint16Array;
  left: number;
}

/**
 * Remembers from which source each stored record is, two bytes for each: a backlog of millions must
 * not become a list of millions of objects.
 */
export class SourceLog {
  readonly #writers = new Map<string, Map<number, Chunk>>();

  /** @param sourceId - from 1 to 65,535 */
  put({ writer, sequence }: RecordRef, sourceId: number): void {
    let chunks = this.#writers.get(writer);
    if (chunks === undefined) this.#writers.set(writer, (chunks = new Map<number, Chunk>()));
    const index = Math.floor(sequence / CHUNK);
    let chunk = chunks.get(index);
    if (chunk === undefined) {
      chunk = { sources: new Uint16Array(CHUNK), left: 0 };
      chunks.set(index, chunk);
    }
    chunk.sources[sequence % CHUNK] = sourceId;
    chunk.left += 1;
  }

  /** The source; 0 for a record that is nobody's here. */
  peek({ writer, sequence }: RecordRef): number {
    const chunk = this.#writers.get(writer)?.get(Math.floor(sequence / CHUNK));
    return chunk?.sources[sequence % CHUNK] ?? 0;
  }

  /** The source, forgotten by asking; 0 for a record that is nobody's here. */
  take(ref: RecordRef): number {
    const { writer, sequence } = ref;
    const chunks = this.#writers.get(writer);
    const index = Math.floor(sequence / CHUNK);
    const chunk = chunks?.get(index);
    const sourceId = this.peek(ref);
    if (chunk === undefined || sourceId === 0) return 0;
    chunk.sources[sequence % CHUNK] = 0;
    chunk.left -= 1;
    if (chunk.left === 0) chunks?.delete(index);
    return sourceId;
  }
}
