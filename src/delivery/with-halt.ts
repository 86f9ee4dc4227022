import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { HaltState } from './halt-state.ts';
import { OPEN, admission, afterOutcome, opensAt, whileProbing } from './halt-state.ts';
import type { Transport } from './transport.ts';

/** A transport whose traffic can be stopped by the ledger and released by hand. */
export interface HaltingTransport extends Transport {
  /** Lets traffic flow again. */
  resume(): void;
  /** Why nothing is sent; `undefined` while traffic flows. */
  halted(): 'quota' | 'misconfigured' | undefined;
  /** When a send would not be refused here, ms; `undefined` when it would not be now. */
  opensAt(): number | undefined;
}

/** What {@link withHalt} needs besides the transport. */
export interface HaltDeps {
  readonly clock: Clock;
  /** Wait in ms before a used-up quota is probed; 0 for never. */
  readonly quotaProbeMs: number;
  readonly diagnostics: Diagnostics;
  /** Called when the ledger refused the configuration, so that the key is asked for again. */
  readonly onMisconfigured: () => void;
}

function refusal(state: HaltState): SendOutcome {
  if (state.kind === 'halted' && state.cause === 'misconfigured') {
    return { kind: 'misconfigured', failure: state.failure };
  }
  const failure = state.kind === 'open' ? { detail: 'halted', status: undefined } : state.failure;
  return { kind: 'quota', failure, retryAfterMs: undefined };
}

/**
 * Stops all traffic after an answer that no further request can change: a used-up quota (429)
 * or a wrong configuration. Events that come meanwhile are answered here, without a request.
 *
 * Stands below the retries, so that a send which was waiting for its next attempt when traffic
 * stopped does not make it.
 */
export function withHalt(next: Transport, deps: HaltDeps): HaltingTransport {
  const { clock, quotaProbeMs, diagnostics, onMisconfigured } = deps;
  let state: HaltState = OPEN;

  function become(following: HaltState): void {
    const before = state.kind;
    state = following;
    if (before === 'open' && following.kind !== 'open') {
      const why = following.kind === 'halted' ? following.cause : 'quota';
      diagnostics.report({ code: 'traffic_halted', why, detail: following.failure.detail });
    } else if (before !== 'open' && following.kind === 'open') {
      diagnostics.report({ code: 'traffic_resumed' });
    }
  }

  return {
    send(request, context, done) {
      const admitted = admission(state, clock.now());
      if (admitted === 'refuse') {
        done(refusal(state));
        return;
      }
      const probe = admitted === 'probe';
      if (probe) state = whileProbing(state);
      next.send(request, context, (outcome) => {
        if (outcome.kind === 'misconfigured') onMisconfigured();
        become(afterOutcome(state, outcome, { now: clock.now(), probe, quotaProbeMs }));
        done(outcome);
      });
    },
    resume() {
      become(OPEN);
    },
    halted() {
      if (state.kind === 'halted') return state.cause;
      return state.kind === 'throttled' && clock.now() < state.until ? 'quota' : undefined;
    },
    opensAt: () => opensAt(state, clock.now()),
  };
}
