import type { ClientConfig } from './config/resolve.ts';
import type { EventSummary } from './config/options.ts';
import { composeDelivery } from './delivery/compose.ts';
import type { Fate, Lost } from './delivery/fate.ts';
import { fateOf } from './delivery/fate.ts';
import { createInFlight } from './delivery/in-flight.ts';
import type { Lifetime, OwnLifetime } from './delivery/lifetime.ts';
import { createLifetime } from './delivery/lifetime.ts';
import type { Failure } from './outcome.ts';
import type { AuditEvent } from './record/event.ts';
import type { RedactionStats } from './redact/accounting.ts';
import { createRedactionCounters } from './redact/accounting.ts';
import { sha256Hex } from './redact/digest.ts';
import { createRedaction } from './redact/redactor.ts';
import type { Clock } from './runtime/clock.ts';
import { endsWithin } from './runtime/clock.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';
import type { Ids } from './runtime/ids.ts';
import { callSafely } from './telemetry/callbacks.ts';
import type { Counters, Stats } from './telemetry/counters.ts';
import { createCounters } from './telemetry/counters.ts';
import { createLossReport } from './telemetry/loss-report.ts';
import { encodeRequest } from './wire/request.ts';
import type { WireRequest } from './wire/wire-request.ts';

/** What a client reaches of the outside world. */
export interface CoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
  readonly env: NodeJS.ProcessEnv;
}

/** {@link Stats} of a client, with the state of its delivery. */
export interface ClientStats extends Stats {
  /** Bytes of encoded events that are not settled. */
  readonly pendingBytes: number;
  /** Why nothing is sent; `undefined` while traffic flows. */
  readonly halted: 'quota' | 'misconfigured' | undefined;
  /** Values taken out by action and class, and those where that failed. */
  readonly redactions: RedactionStats;
}

/** An event that may leave the process. */
export interface EncodedEvent {
  readonly request: WireRequest;
  readonly summary: EventSummary;
}

/** On whose account an event is sent. */
export interface Owner {
  readonly lifetime: Lifetime;
  readonly counters: Counters;
  /** When the event must be settled, on the monotonic clock (ms). */
  readonly deadline: number;
}

/** The parts of a client that its exporters share; not public. */
export interface ClientCore extends CoreDeps {
  readonly config: ClientConfig;
  readonly counters: Counters;
  /** The lifetime of the client itself. */
  readonly lifetime: OwnLifetime;
  stats(): ClientStats;
  /** A lifetime that ends with the client at the latest. */
  adopt(hold: Lifetime['hold']): OwnLifetime;
  /** Redacts and encodes; what it throws means that this one event cannot be sent. */
  encode(event: AuditEvent): EncodedEvent;
  /** Sends an event that was counted as emitted. Never rejects. */
  submit(event: EncodedEvent, owner: Owner): Promise<Fate>;
  /** Counts and reports something that could not even be made into an event. */
  encodeFailed(counters: Counters, detail: string): Lost;
  /** Ends the waits under way and resolves when everything handed in so far is settled. */
  flush(): Promise<void>;
  resume(): void;
  /** From now on each event gets one attempt and no other. */
  finish(): void;
  /** Ends everything within so many ms, by default `shutdownTimeoutMs`. Idempotent. */
  close(withinMs?: number): Promise<void>;
}

/** Wires one client together. */
export function createClientCore(config: ClientConfig, deps: CoreDeps): ClientCore {
  const { clock, ids, diagnostics, env } = deps;
  const delivery = composeDelivery(config, { clock, random: ids.random, diagnostics, env });
  const counters = createCounters();
  const redactionCounters = createRedactionCounters();
  const redaction = createRedaction(config.redaction, redactionCounters);
  const losses = createLossReport(clock, diagnostics);
  const inFlight = createInFlight();
  const lifetime = createLifetime('process');
  const lifetimes = new Set<OwnLifetime>([lifetime]);
  let closing: Promise<void> | undefined;

  function callbackFailed(callback: 'onReceipt' | 'onDrop'): () => void {
    return () => {
      if (counters.stats().callbackErrors === 0)
        diagnostics.report({ code: 'callback_failed', callback });
      counters.callbackFailed();
    };
  }

  function settle(fate: Fate, account: Counters, summary: EventSummary): void {
    const { onReceipt, onDrop } = config;
    if (fate.kind === 'accepted') {
      account.accepted(fate.receipt);
      if (onReceipt) {
        callSafely(() => onReceipt(fate.receipt, summary), callbackFailed('onReceipt'));
      }
      return;
    }
    account.dropped(fate.reason);
    losses.lost(fate.reason, fate.failure.detail);
    if (onDrop) callSafely(() => onDrop(fate.reason, summary), callbackFailed('onDrop'));
  }

  async function deliver({ request, summary }: EncodedEvent, owner: Owner): Promise<Fate> {
    const { deadline, counters: account } = owner;
    const outcome = await delivery.send(request, {
      deadline,
      lifetime: owner.lifetime,
      onRetry: account.retried,
    });
    const fate = fateOf(outcome);
    settle(fate, account, summary);
    return fate;
  }

  function finish(): void {
    for (const each of lifetimes) each.finish();
  }

  async function end(ms: number): Promise<void> {
    finish();
    const limit = { ms, hold: 'process' } as const;
    if (!(await endsWithin(clock, inFlight.settled(), limit))) {
      for (const each of lifetimes) each.abort('shutdown');
      await inFlight.settled();
    }
    for (const each of lifetimes) each.abort('shutdown');
    losses.flush();
    await delivery.close();
  }

  return {
    ...deps,
    config,
    counters,
    lifetime,
    stats: () => ({
      ...counters.stats(),
      pendingBytes: delivery.pendingBytes(),
      halted: delivery.halted(),
      redactions: redactionCounters.snapshot(),
    }),
    adopt(hold) {
      const adopted = createLifetime(hold);
      if (closing !== undefined) adopted.abort('shutdown');
      lifetimes.add(adopted);
      return adopted;
    },
    encode(event) {
      const redacted = redaction.event(event);
      const request = encodeRequest(redacted, sha256Hex);
      return { request, summary: { idempotencyKey: request.idempotencyKey, meta: redacted.meta } };
    },
    submit(event, owner) {
      if (closing === undefined) return inFlight.track(deliver(event, owner));
      const failure: Failure = { detail: 'closed', status: undefined };
      const fate: Fate = { kind: 'dropped', reason: 'shutdown', failure };
      settle(fate, owner.counters, event.summary);
      return Promise.resolve(fate);
    },
    encodeFailed(account, detail) {
      const failure: Failure = { detail, status: undefined };
      const fate: Lost = { kind: 'dropped', reason: 'encode_failed', failure };
      settle(fate, account, { idempotencyKey: '', meta: {} });
      return fate;
    },
    async flush() {
      for (const each of lifetimes) each.hurry();
      // The timer keeps the process alive: those of a background send would not.
      const limit = { ms: config.deadlineMs, hold: 'process' } as const;
      await endsWithin(clock, inFlight.settled(), limit);
    },
    resume: delivery.resume,
    finish,
    close(withinMs = config.shutdownTimeoutMs) {
      closing ??= end(withinMs);
      return closing;
    },
  };
}
