import type { Dispatcher } from 'undici';
import type { Endpoint } from '../config/url.ts';
import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { runAsOwn } from '../runtime/own-context.ts';
import { VERSION } from '../version.ts';
import type { WireRequest } from '../wire/wire-request.ts';
import { createDeadlines } from './deadlines.ts';
import type { Lifetime } from './lifetime.ts';
import { endReason } from './lifetime.ts';
import type { TokenSource } from './token-source.ts';
import type { OnOutcome, SendContext, Transport } from './transport.ts';
import { Exchange } from './undici-exchange.ts';

/** What one request is made from. */
export interface UndiciTransportDeps {
  readonly dispatcher: Dispatcher;
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Wall clock of one attempt, ms. */
  readonly timeoutMs: number;
}

interface Attempt {
  readonly request: WireRequest;
  readonly context: SendContext;
  readonly done: OnOutcome;
  /** When its time is over, on the monotonic clock (ms). */
  readonly due: number;
}

// User text never goes raw into a header: what could break one stays in the body alone.
const HEADER_SAFE = /^[\x21-\x7e]{1,255}$/;

function requestHeaders(request: WireRequest, token: string, extra: readonly string[]): string[] {
  const headers = [
    ...extra,
    'authorization',
    `Bearer ${token}`,
    'content-type',
    'application/json',
    'idempotency-key',
    request.idempotencyKey,
  ];
  if (HEADER_SAFE.test(request.requestId)) headers.push('request-id', request.requestId);
  return headers;
}

function withUserAgent(headers: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent');
  const flat = Object.entries(headers).flat();
  return named ? flat : [...flat, 'user-agent', `opentelemetry-exporter-immutablelog/${VERSION}`];
}

/** Why a request is not even begun. */
function tooLate(lifetime: Lifetime, msLeft: number): SendOutcome | undefined {
  if (lifetime.signal.aborted) {
    const failure = { detail: 'ended', status: undefined };
    return { kind: 'dropped', reason: endReason(lifetime), failure };
  }
  if (msLeft > 0) return undefined;
  const failure = { detail: 'no time left', status: undefined };
  return { kind: 'retryable', failure, retryAfterMs: undefined, once: false };
}

/**
 * Sends one event as one `POST`, over whatever the dispatcher connects to; never traced. Each
 * attempt may take `timeoutMs` of wall clock, headers and body, and never longer than the event's
 * own deadline.
 */
export function createUndiciTransport(deps: UndiciTransportDeps): Transport {
  const { dispatcher, endpoint, tokens, clock, timeoutMs } = deps;
  const { origin, path } = endpoint;
  const extra = withUserAgent(deps.headers);
  const deadlines = {
    process: createDeadlines(clock, 'process'),
    background: createDeadlines(clock, 'background'),
  };

  function post(attempt: Attempt, token: string): void {
    const { request, context, due, done } = attempt;
    const { lifetime } = context;
    const end = tooLate(lifetime, due - clock.now());
    if (end !== undefined) {
      done(end);
      return;
    }
    const kept = deadlines[lifetime.hold];
    const exchange = new Exchange({ request, context, due, done, deadlines: kept, clock });
    const headers = requestHeaders(request, token, extra);
    const options = { origin, path, method: 'POST', headers, body: request.body } as const;
    try {
      runAsOwn(() => dispatcher.dispatch(options, exchange));
    } catch (error) {
      exchange.fail(error);
    }
  }

  async function postWithToken(attempt: Attempt): Promise<void> {
    const { hold } = attempt.context.lifetime;
    const result = await tokens.token({ deadline: attempt.due, hold });
    if ('outcome' in result) attempt.done(result.outcome);
    else post(attempt, result.token);
  }

  return {
    send(request, context, done) {
      const due = Math.min(context.deadline, clock.now() + timeoutMs);
      const attempt = { request, context, done, due };
      const token = tokens.known();
      if (token === undefined) void postWithToken(attempt);
      else post(attempt, token);
    },
  };
}
