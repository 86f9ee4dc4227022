import process from 'node:process';
import type { ClientConfig } from '../config/resolve.ts';
import type { Endpoint } from '../config/values.ts';
import type { Receipt, AttemptOutcome } from '../outcome.ts';
import type { Clock, Hold } from '../runtime/clock.ts';
import { runAsOwn } from '../runtime/suppress-tracing.ts';
import { VERSION } from '../version.ts';
import type { WireRequest } from '../wire/request.ts';
import { parseReason, parseReceipt, plainReceipt } from '../wire/response.ts';
import type { Answer, AnswerBody } from './answer.ts';
import { classifyAnswer, classifyError, parseRetryAfter } from './answer.ts';
import type { OnOutcome, SendContext, Transport } from './delivery.ts';
import type { AbortWatcher, SendScope } from './send-scope.ts';
import { abortWatchers, endReason } from './send-scope.ts';
import type { TokenSource } from './token-source.ts';
import type { Dispatcher } from 'undici';
import { EnvHttpProxyAgent, Pool } from 'undici';

/** How much of an answer's body is read: enough for any receipt, however long the server talks. */
export const MAX_ANSWER_BYTES: number = 64 * 1024;

/** Collects the first bytes of a body. */
export interface BoundedBody {
  /** Takes a chunk; `false` once the body is longer than what is read of it. */
  add(chunk: Buffer): boolean;
  /** What was collected, as text. */
  text(): string;
}

/** Makes an empty collector. */
export function createBoundedBody(): BoundedBody {
  let collected: Buffer | undefined;
  return {
    add(chunk) {
      const size = (collected?.byteLength ?? 0) + chunk.byteLength;
      if (size > MAX_ANSWER_BYTES) return false;
      // Nearly every answer is one chunk.
      collected = collected === undefined ? chunk : Buffer.concat([collected, chunk], size);
      return true;
    },
    text: () => collected?.toString('utf8') ?? '',
  };
}

/** Something that must be over by a time. */
export interface Limited {
  /** On the monotonic clock (ms); it may come nearer while it is being kept. */
  readonly due: number;
  /** Its time is over. It takes itself back. */
  expire(): void;
}

/** Keeps times of which nearly none is reached. */
export interface Deadlines {
  /** Also called again for one whose time came nearer. */
  keep(limited: Limited): void;
  takeBack(limited: Limited): void;
}

/**
 * Makes an empty set with one timer for all of it, set to the nearest time: a timer for each
 * request would be made and cancelled in vain.
 *
 * Meant for as many as there are sockets: each time the timer runs, it looks at all of them.
 */
export function createDeadlines(clock: Clock, hold: Hold): Deadlines {
  const kept = new Set<Limited>();
  let setTo = Infinity;
  let cancel = (): void => {};

  function set(at: number): void {
    cancel();
    setTo = at;
    cancel = clock.after({ ms: at - clock.now(), hold, run: look });
  }

  function look(): void {
    setTo = Infinity;
    const now = clock.now();
    for (const limited of kept) if (limited.due <= now) limited.expire();
    let nearest = Infinity;
    for (const { due } of kept) nearest = Math.min(nearest, due);
    if (nearest < setTo) set(nearest);
  }

  return {
    keep(limited) {
      kept.add(limited);
      if (limited.due < setTo) set(limited.due);
    },
    takeBack(limited) {
      kept.delete(limited);
      if (kept.size > 0) return;
      // Nothing to wait for: the timer must not keep the process alive.
      cancel();
      setTo = Infinity;
    },
  };
}

/** The dispatcher of a client. */
export interface OwnedDispatcher {
  readonly dispatcher: Dispatcher;
  /** Closes the sockets, unless the dispatcher was the caller's. */
  readonly close: () => Promise<void>;
}

/** The options that a dispatcher is made from. */
export type DispatcherConfig = Pick<
  ClientConfig,
  'endpoint' | 'timeoutMs' | 'concurrency' | 'dispatcher'
>;

const PROXY_VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'] as const;

function wantsProxy(env: NodeJS.ProcessEnv): boolean {
  return PROXY_VARIABLES.some((name) => (env[name] ?? '') !== '');
}

/**
 * The caller's dispatcher, else a pool of keep-alive sockets to the ledger, through the proxy
 * that the environment names. Loopback never goes through a proxy: there the ledger is an emulator
 * on this machine, which the proxy could not reach.
 */
export function createDispatcher(
  config: DispatcherConfig,
  env: NodeJS.ProcessEnv,
): OwnedDispatcher {
  if (config.dispatcher !== undefined) {
    return { dispatcher: config.dispatcher, close: () => Promise.resolve() };
  }
  const options = {
    connections: config.concurrency,
    connect: { timeout: config.timeoutMs },
  };
  const { origin, loopback } = config.endpoint;
  const dispatcher =
    wantsProxy(env) && !loopback ? new EnvHttpProxyAgent(options) : new Pool(origin, options);
  return {
    dispatcher,
    // Nothing is under way any more when a client closes: what is left are idle sockets.
    close: () => dispatcher.destroy(),
  };
}

/** How long the body of an answer may take after its status line, in ms. */
const BODY_BUDGET_MS = 1_000;

/** What an exchange is made from. */
export interface ExchangeParts {
  readonly request: WireRequest;
  readonly context: SendContext;
  /** When it must be over, on the monotonic clock (ms). */
  readonly due: number;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  /** Told how it ended, never from inside of undici. */
  readonly done: OnOutcome;
}

type Controller = Dispatcher.DispatchController;

function retryAfterOf(headers: { readonly [name: string]: unknown }): string | undefined {
  const value = headers['retry-after'];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Follows one request to its outcome.
 *
 * - The outcome is decided by the status line; the body gives the receipt, where it comes in time.
 * - Deadline and scope hold whatever undici does: a request still queued there, waiting for
 *   its connection, is given up on time and then never written.
 *
 * A class, since one is made for every request: the dozen functions of a closure were a fifth of
 * what a request leaves to the garbage collection.
 */
export class Exchange implements Dispatcher.DispatchHandler, Limited, AbortWatcher, AnswerBody {
  due: number;
  readonly #parts: ExchangeParts;
  readonly #watchers: Set<AbortWatcher>;
  readonly #body: BoundedBody = createBoundedBody();
  #controller: Controller | undefined;
  #answer: Answer | undefined;
  #outcome: AttemptOutcome | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.due = parts.due;
    this.#watchers = abortWatchers(parts.context.scope.signal);
    this.#watchers.add(this);
    parts.deadlines.keep(this);
  }

  expire(): void {
    const failure = { detail: 'timeout', status: undefined };
    this.#cut({ kind: 'retryable', failure, retryAfterMs: undefined, once: false });
  }

  aborted(): void {
    const failure = { detail: 'ended', status: undefined };
    this.#cut({ kind: 'dropped', reason: endReason(this.#parts.context.scope), failure });
  }

  /** The request failed, or could not be handed over at all. */
  fail(error: unknown): void {
    this.#finishWithAnswer();
    this.#finish(classifyError(error));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#outcome !== undefined) controller.abort(new Error('exchange ended'));
  }

  onResponseStart(_: Controller, status: number, headers: Readonly<Record<string, unknown>>): void {
    // Informational answers (1xx) announce the one that counts.
    if (status < 200) return;
    const { clock, deadlines } = this.#parts;
    const retryAfterMs = parseRetryAfter(retryAfterOf(headers), clock.wallTime());
    this.#answer = { status, retryAfterMs };
    if (this.#outcome !== undefined) return;
    this.due = Math.min(this.due, clock.now() + BODY_BUDGET_MS);
    deadlines.keep(this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#body.add(chunk)) return;
    this.#finishWithAnswer();
    controller.abort(new Error('exchange ended'));
  }

  onResponseEnd(): void {
    this.#finishWithAnswer();
  }

  onResponseError(_: Controller, error: Error): void {
    this.fail(error);
  }

  #finishWithAnswer(): void {
    const answer = this.#answer;
    if (answer === undefined || this.#outcome !== undefined) return;
    this.#finish(classifyAnswer(answer, this));
  }

  receipt(): Receipt {
    const { request, context } = this.#parts;
    const text = this.#body.text();
    return context.wantsReceipt ? parseReceipt(text, request) : plainReceipt(text, request);
  }

  reason(): string | undefined {
    return parseReason(this.#body.text());
  }

  /** Ends the exchange now: by the answer, if its status is known, else by the given outcome. */
  #cut(outcome: AttemptOutcome): void {
    this.#finishWithAnswer();
    this.#finish(outcome);
    this.#controller?.abort(new Error('exchange ended'));
  }

  #finish(outcome: AttemptOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#parts.deadlines.takeBack(this);
    this.#watchers.delete(this);
    // What follows may begin the next request or call the user's functions: not in here.
    process.nextTick(this.#parts.done, outcome);
  }
}

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
function tooLate(scope: SendScope, msLeft: number): AttemptOutcome | undefined {
  if (scope.signal.aborted) {
    const failure = { detail: 'ended', status: undefined };
    return { kind: 'dropped', reason: endReason(scope), failure };
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
    const { scope } = context;
    const end = tooLate(scope, due - clock.now());
    if (end !== undefined) {
      done(end);
      return;
    }
    const kept = deadlines[scope.hold];
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
    const { hold } = attempt.context.scope;
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
