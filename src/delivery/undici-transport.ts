import type { Dispatcher } from 'undici';
import type { Endpoint } from '../config/url.ts';
import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { runAsOwn } from '../runtime/own-context.ts';
import { VERSION } from '../version.ts';
import type { OutgoingRequest } from '../wire/wire-request.ts';
import { endReason } from './lifetime.ts';
import type { TokenSource } from './token-source.ts';
import type { SendContext, Transport } from './transport.ts';
import { createExchange } from './undici-exchange.ts';

/** What one request is made from. */
export interface UndiciTransportDeps {
  readonly dispatcher: Dispatcher;
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly tokens: TokenSource;
  readonly clock: Clock;
}

// User text never goes raw into a header: what could break one stays in the body alone.
const HEADER_SAFE = /^[\x21-\x7e]{1,255}$/;

function requestHeaders(
  request: OutgoingRequest,
  token: string,
  extra: readonly string[],
): string[] {
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
function tooLate({ lifetime, deadline }: SendContext, clock: Clock): SendOutcome | undefined {
  if (lifetime.signal.aborted) {
    const failure = { detail: 'ended', status: undefined };
    return { kind: 'dropped', reason: endReason(lifetime), failure };
  }
  if (clock.now() < deadline) return undefined;
  const failure = { detail: 'no time left', status: undefined };
  return { kind: 'retryable', failure, retryAfterMs: undefined, once: false };
}

/** Sends one event as one `POST`, over whatever the dispatcher connects to; never traced. */
export function createUndiciTransport(deps: UndiciTransportDeps): Transport {
  const { dispatcher, endpoint, tokens, clock } = deps;
  const extra = withUserAgent(deps.headers);

  function post(
    request: OutgoingRequest,
    token: string,
    context: SendContext,
  ): Promise<SendOutcome> {
    const exchange = createExchange(request, context, clock);
    try {
      dispatcher.dispatch(
        {
          origin: endpoint.origin,
          path: endpoint.path,
          method: 'POST',
          headers: requestHeaders(request, token, extra),
          body: request.body,
        },
        exchange.handler,
      );
    } catch (error) {
      exchange.fail(error);
    }
    return exchange.outcome;
  }

  return {
    async send(request, context) {
      const result = await tokens.token(context);
      if ('outcome' in result) return result.outcome;
      return (
        tooLate(context, clock) ?? (await runAsOwn(() => post(request, result.token, context)))
      );
    },
  };
}
