import type { SendContext, Transport } from '../../src/delivery/delivery.ts';
import type { AttemptOutcome } from '../../src/outcome.ts';
import type { WireRequest } from '../../src/wire/request.ts';

/** The ledger took it. */
export const accepted: AttemptOutcome = {
  kind: 'accepted',
  receipt: {
    txId: 'tx_1',
    payloadHash: undefined,
    duplicate: false,
    requestId: 'r',
    status: 'accepted',
    idempotencyKey: 'k',
  },
};

/** An answer of a server in trouble. */
export function retryable(retryAfterMs?: number): AttemptOutcome {
  const failure = { detail: 'HTTP 503', status: 503 };
  return { kind: 'retryable', failure, retryAfterMs, once: false };
}

/** Two requests under one key meet. */
export const conflict: AttemptOutcome = {
  kind: 'retryable',
  failure: { detail: 'HTTP 409', status: 409 },
  retryAfterMs: undefined,
  once: true,
};

/** The ledger refuses this event. */
export const rejected: AttemptOutcome = {
  kind: 'rejected',
  failure: { detail: 'HTTP 400', status: 400 },
};

/** A used-up quota. */
export function quota(retryAfterMs?: number): AttemptOutcome {
  return { kind: 'quota', failure: { detail: 'HTTP 429', status: 429 }, retryAfterMs };
}

/** A refused key. */
export const misconfigured: AttemptOutcome = {
  kind: 'misconfigured',
  failure: { detail: 'HTTP 401', status: 401 },
};

/** A transport that answers from a list, and remembers what it was asked. */
export interface ScriptedTransport extends Transport {
  readonly sent: readonly WireRequest[];
  readonly contexts: readonly SendContext[];
}

/** Answers in order; the last answer stands for all that follow. */
export function scriptedTransport(...script: readonly AttemptOutcome[]): ScriptedTransport {
  const sent: WireRequest[] = [];
  const contexts: SendContext[] = [];
  return {
    sent,
    contexts,
    send(event) {
      const outcome = script[Math.min(sent.length, script.length - 1)];
      sent.push(event.request);
      contexts.push(event.context);
      if (outcome === undefined) throw new Error('the script is empty');
      event.end(outcome);
    },
  };
}

/** A transport whose answers are given by hand. */
export interface ManualTransport extends Transport {
  /** Sends that have no answer yet, oldest first. */
  readonly open: { readonly request: WireRequest; answer: (outcome: AttemptOutcome) => void }[];
}

/** Keeps every send open until the test answers it. */
export function manualTransport(): ManualTransport {
  const open: ManualTransport['open'] = [];
  return {
    open,
    send(event) {
      open.push({ request: event.request, answer: (outcome) => event.end(outcome) });
    },
  };
}
