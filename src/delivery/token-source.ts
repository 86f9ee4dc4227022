import type { ApiKeyProvider } from '../config/values.ts';
import { parseApiKey } from '../config/values.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';
import type { SendContext } from './delivery.ts';
import type { SendScope } from './send-scope.ts';

/** A token, or the outcome of a send that has to do without. */
export type TokenResult = { readonly token: string } | { readonly outcome: AttemptOutcome };

/** Keeps the token of a provider until the ledger refuses it. */
export interface TokenSource {
  token(limits: Pick<SendContext, 'deadline'> & Pick<SendScope, 'hold'>): Promise<TokenResult>;
  /** The token, where it need not be asked for. */
  known(): string | undefined;
  /** The ledger refused it: the provider is asked again. */
  readonly forget: () => void;
}

function unusable(detail: string): TokenResult {
  return { outcome: { kind: 'misconfigured', failure: { detail, status: undefined } } };
}

// A secret store out of reach is as passing as a network error; a bad token is not.
function missing(detail: string): TokenResult {
  const failure = { detail, status: undefined };
  return { outcome: { kind: 'retryable', failure, retryAfterMs: undefined, once: false } };
}

async function ask(provider: ApiKeyProvider): Promise<TokenResult> {
  try {
    // What it logs or requests must not become events: it is asked for each of them while it fails.
    const token = parseApiKey(await runAsOwn(provider));
    return token === undefined ? unusable('apiKey function gave no usable token') : { token };
  } catch {
    return missing('apiKey function failed');
  }
}

/** Asks the provider once for all sends that wait for a token, each within its own deadline. */
export function createTokenSource(provider: ApiKeyProvider, clock: Clock): TokenSource {
  let known: string | undefined;
  let asked: Promise<TokenResult> | undefined;
  let generation = 0;

  function askOnce(): Promise<TokenResult> {
    if (asked !== undefined) return asked;
    const askedIn = generation;
    asked = ask(provider).then((result) => {
      if (askedIn === generation) asked = undefined;
      if (askedIn === generation && 'token' in result) known = result.token;
      return result;
    });
    return asked;
  }

  return {
    async token({ deadline, hold }) {
      if (known !== undefined) return { token: known };
      const answer = askOnce();
      const ms = deadline - clock.now();
      const inTime = await endsWithin(clock, answer, { ms, hold });
      return inTime ? answer : missing('apiKey function timed out');
    },
    known: () => known,
    forget() {
      generation += 1;
      known = undefined;
      asked = undefined;
    },
  };
}
