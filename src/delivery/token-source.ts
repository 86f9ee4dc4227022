import type { ApiKeyProvider } from '../config/values.ts';
import { parseApiKey } from '../config/values.ts';
import type { AttemptOutcome } from '../outcome.ts';
import { unanswered } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';
import type { SendContext } from './delivery.ts';
import type { SendScope } from './send-scope.ts';

type TokenLimits = Pick<SendContext, 'deadline'> & Pick<SendScope, 'hold'>;

/** A token, or the outcome of a send that has to do without. */
export type TokenResult = { readonly token: string } | { readonly outcome: AttemptOutcome };

/**
 * Keeps the token of a provider until the ledger refuses it. The provider is asked once for all
 * sends that wait for a token, each within its own deadline.
 */
export class TokenSource {
  readonly #provider: ApiKeyProvider;
  readonly #clock: Clock;
  /** The token, where it need not be asked for; nobody else writes it. */
  known: string | undefined;
  /** Counts the tokens there have been; nobody else writes it. */
  version = 0;
  #last: string | undefined;
  #asked: Promise<TokenResult> | undefined;
  #generation = 0;

  constructor(provider: ApiKeyProvider, clock: Clock) {
    this.#provider = provider;
    this.#clock = clock;
  }

  async token(limits: TokenLimits): Promise<TokenResult> {
    if (this.known !== undefined) return { token: this.known };
    const answer = this.#askOnce();
    const ms = limits.deadline - this.#clock.now();
    const inTime = await endsWithin(this.#clock, answer, { ms, hold: limits.hold });
    return inTime ? answer : { outcome: unanswered('apiKey function timed out') };
  }

  /** The ledger refused it: the provider is asked again. */
  forget(): void {
    this.#generation += 1;
    this.known = undefined;
    this.#asked = undefined;
  }

  /**
   * The ledger refused the token of a request. Whether there is another by now: the provider is asked
   * at once, and once for all requests that were refused together.
   *
   * @param version - of the token that was refused
   */
  async renewed(version: number, limits: TokenLimits): Promise<boolean> {
    if (this.version === version && this.known !== undefined) this.forget();
    await this.token(limits);
    return this.version > version && this.known !== undefined;
  }

  #askOnce(): Promise<TokenResult> {
    this.#asked ??= this.#ask(this.#generation);
    return this.#asked;
  }

  #take(token: string): void {
    if (token !== this.#last) this.version += 1;
    this.#last = token;
    this.known = token;
  }

  async #ask(generation: number): Promise<TokenResult> {
    const answer = await askForKey(this.#provider);
    if (generation === this.#generation) {
      this.#asked = undefined;
      if (answer.kind === 'key') this.#take(answer.key);
    }
    return tokenResult(answer);
  }
}

/** How the question for the API key was answered. */
export type KeyAnswer =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'unusable' }
  | { readonly kind: 'failed' };

/** Asks the function that gives the API key. Never rejects. */
export async function askForKey(provider: ApiKeyProvider): Promise<KeyAnswer> {
  try {
    // What it logs or requests must not become events: it is asked for each of them while it fails.
    const key = parseApiKey(await runAsOwn(provider));
    return key === undefined ? { kind: 'unusable' } : { kind: 'key', key };
  } catch {
    return { kind: 'failed' };
  }
}

// A secret store out of reach is as passing as a network error; a bad token is not.
function tokenResult(answer: KeyAnswer): TokenResult {
  switch (answer.kind) {
    case 'key':
      return { token: answer.key };
    case 'unusable': {
      const failure = { detail: 'apiKey function gave no usable token', status: undefined };
      return { outcome: { kind: 'misconfigured', failure } };
    }
    case 'failed':
      return { outcome: unanswered('apiKey function failed') };
  }
}
