import process from 'node:process';
import type { ClientConfig } from '../../config/resolve.ts';
import type { Endpoint } from '../../config/values.ts';
import type { AttemptOf, AttemptOutcome, Receipt } from '../../outcome.ts';
import { lost, unanswered } from '../../outcome.ts';
import type { Clock, Hold } from '../../runtime/clock.ts';
import { runAsOwn } from '../../runtime/suppress-tracing.ts';
import { VERSION } from '../../version.ts';
import type { WireRequest } from '../../wire/request.ts';
import {
  classifyAnswer,
  classifyError,
  isRefusal,
  isWebPage,
  parseReason,
  parseReceipt,
  parseRetryAfter,
  plainReceipt,
} from '../answer.ts';
import type { Answer, AnswerBody } from '../answer.ts';
import type { OnEnd, PendingEvent, Transport } from '../delivery.ts';
import type { AnswerHandler, HttpDispatcher, RequestController } from './fetch.ts';
import { FetchDispatcher } from './fetch.ts';
import type { AbortWatcher, SendScope } from '../send-scope.ts';
import { abortWatchers, endReason } from '../send-scope.ts';
import type { TokenSource } from '../token-source.ts';
import { Pool, ProxyAgent, buildConnector } from 'undici';
import { Socket } from 'node:net';
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';

/** What requests are made with. */
export interface HttpDeps {
  readonly dispatcher: HttpDispatcher;
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Wall clock of one attempt, ms. */
  readonly timeoutMs: number;
}

/**
 * Sends one event as one `POST`, over whatever the dispatcher connects to; never traced.
 *
 * - Each attempt may take `timeoutMs` of wall clock, headers and body, and never longer than the
 *   event's own deadline.
 * - Where the ledger refused the token and the provider has another one, the request is repeated
 *   once, under the same key: that the token was changed costs nobody an event.
 */
export class HttpTransport implements Transport {
  readonly #deps: HttpDeps;
  readonly #extraHeaders: readonly string[];
  readonly #deadlines: Readonly<Record<Hold, Deadlines>>;

  constructor(deps: HttpDeps) {
    this.#deps = deps;
    this.#extraHeaders = withUserAgent(deps.headers);
    this.#deadlines = {
      process: new Deadlines(deps.clock, 'process'),
      background: new Deadlines(deps.clock, 'background'),
    };
  }

  send(event: PendingEvent): void {
    event.onEnd(this.#ended);
    this.#attempt(event);
  }

  readonly #ended: OnEnd = (event, outcome) => {
    const refused = outcome.kind === 'misconfigured' && outcome.failure.status === 401;
    if (refused) void this.#renew(event, outcome);
    else event.end(outcome);
  };

  async #renew(event: PendingEvent, outcome: AttemptOf<'misconfigured'>): Promise<void> {
    const { deadline, context, keyVersion } = event;
    const { hold } = context.scope;
    const renewed = await this.#deps.tokens.renewed(keyVersion, { deadline, hold });
    // What comes of this one is the last word.
    if (renewed) this.#attempt(event);
    else event.end(outcome);
  }

  #attempt(event: PendingEvent): void {
    const { clock, timeoutMs, tokens } = this.#deps;
    const due = Math.min(event.deadline, clock.now() + timeoutMs);
    const token = tokens.known;
    if (token === undefined) void this.#postWithToken(event, due);
    else this.#post(event, due, token);
  }

  async #postWithToken(event: PendingEvent, due: number): Promise<void> {
    const { hold } = event.context.scope;
    const result = await this.#deps.tokens.token({ deadline: due, hold });
    if ('outcome' in result) event.end(result.outcome);
    else this.#post(event, due, result.token);
  }

  #post(event: PendingEvent, due: number, token: string): void {
    const { dispatcher, endpoint, clock, tokens } = this.#deps;
    const { request, context } = event;
    event.keyVersion = tokens.version;
    const end = tooLate(context.scope, due - clock.now());
    if (end !== undefined) {
      event.end(end);
      return;
    }
    const exchange = new Exchange(event, due, this.#deadlines[context.scope.hold], clock);
    const { origin, path } = endpoint;
    const headers = requestHeaders(request, token, this.#extraHeaders);
    const options = { origin, path, method: 'POST', headers, body: request.body } as const;
    try {
      runAsOwn(() => dispatcher.dispatch(options, exchange));
    } catch (error) {
      exchange.fail(error);
    }
  }
}

/** Why a request is not even begun. */
function tooLate(scope: SendScope, msLeft: number): AttemptOutcome | undefined {
  if (scope.signal.aborted) return lost(endReason(scope), 'ended');
  return msLeft > 0 ? undefined : unanswered('no time left');
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

/** The dispatcher of a client. */
export interface OwnedDispatcher {
  readonly dispatcher: HttpDispatcher;
  /** Closes the sockets, unless the dispatcher was the caller's. */
  readonly close: () => Promise<void>;
}

/** The options that a dispatcher is made from. */
export type DispatcherConfig = Pick<
  ClientConfig,
  'endpoint' | 'proxy' | 'timeoutMs' | 'concurrency' | 'dispatcher'
>;

/**
 * The caller's dispatcher, else a pool of keep-alive sockets to the ledger, through the proxy
 * that the environment names; `fetch` where undici has no dispatchers.
 */
export function createDispatcher(config: DispatcherConfig): OwnedDispatcher {
  if (config.dispatcher !== undefined) {
    return { dispatcher: config.dispatcher, close: () => Promise.resolve() };
  }
  if (!canDispatch()) {
    return { dispatcher: new FetchDispatcher(config), close: () => Promise.resolve() };
  }
  const { endpoint, proxy, concurrency: connections, timeoutMs: timeout } = config;
  const dispatcher =
    proxy.kind === 'proxy'
      ? new ProxyAgent({ connections, connect: { timeout }, uri: proxy.url })
      : new Pool(endpoint.origin, { connections, connect: backgroundConnector(timeout) });
  return {
    dispatcher,
    // Nothing is under way any more when a client closes: what is left are idle sockets.
    close: () => dispatcher.destroy(),
  };
}

/** Bun has a module of its own in the place of undici, whose pools cannot send. */
function canDispatch(): boolean {
  return typeof Reflect.get(Pool.prototype, 'dispatch') === 'function';
}

/**
 * Connects by sockets that hold no process: where somebody awaits an event, its timers do that, and
 * at the natural end of the process a client holds it for as long as it may.
 */
function backgroundConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    const socket: unknown = connect(options, callback);
    if (!(socket instanceof Socket)) return;
    socket.unref();
    // The pool holds a socket while requests are under way.
    socket.ref = () => socket;
  };
}

/** How long the body of an answer may take after its status line, in ms. */
const BODY_BUDGET_MS = 1_000;
/** How much of an answer's body is read: enough for any receipt, however long the server talks. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Follows one request to its outcome.
 *
 * - The outcome is decided by the status line and, on success, by what the body begins with; it
 *   gives the receipt, where it comes in time.
 * - Deadline and scope hold whatever the dispatcher does: a request still queued there, waiting for
 *   its connection, is given up on time and then never written.
 */
class Exchange implements AnswerHandler, Limited, AbortWatcher, AnswerBody {
  due: number;
  readonly #event: PendingEvent;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #watchers: Set<AbortWatcher>;
  #controller: RequestController | undefined;
  #answer: Answer | undefined;
  #body: Buffer | undefined;
  #contentType: string | undefined;
  #encoding: string | undefined;
  #over = false;

  constructor(event: PendingEvent, due: number, deadlines: Deadlines, clock: Clock) {
    this.due = due;
    this.#event = event;
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#watchers = abortWatchers(event.context.scope.signal);
    this.#watchers.add(this);
    deadlines.keep(this);
  }

  expire(): void {
    this.#cut(unanswered('timeout'));
  }

  aborted(): void {
    this.#cut(lost(endReason(this.#event.context.scope), 'ended'));
  }

  /** The request failed, or could not be handed over at all. */
  fail(error: unknown): void {
    this.#finishWithAnswer();
    this.#finish(classifyError(error));
  }

  onRequestStart(controller: RequestController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('exchange ended'));
  }

  onResponseStart(
    _: RequestController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    // Informational answers (1xx) announce the one that counts.
    if (status < 200) return;
    const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), this.#clock.wallTime());
    this.#answer = { status, retryAfterMs };
    this.#contentType = headerOf(headers, 'content-type');
    this.#encoding = headerOf(headers, 'content-encoding');
    if (this.#over) return;
    this.due = Math.min(this.due, this.#clock.now() + BODY_BUDGET_MS);
    this.#deadlines.keep(this);
  }

  onResponseData(controller: RequestController, chunk: Buffer): void {
    const collected = this.#body;
    const size = (collected?.byteLength ?? 0) + chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      // What it is shows at its start, also where that is all in one chunk.
      this.#body ??= chunk.subarray(0, MAX_ANSWER_BYTES);
      this.#finishWithAnswer();
      controller.abort(new Error('exchange ended'));
      return;
    }
    // Nearly every answer is one chunk.
    this.#body = collected === undefined ? chunk : Buffer.concat([collected, chunk], size);
  }

  onResponseEnd(): void {
    this.#finishWithAnswer();
  }

  onResponseError(_: RequestController, error: Error): void {
    this.fail(error);
  }

  isPage(): boolean {
    if (this.#encoding !== undefined) this.#body = decoded(this.#body, this.#encoding);
    return isWebPage(this.#contentType, this.#body);
  }

  isRefusal(): boolean {
    return isRefusal(this.#text());
  }

  receipt(): Receipt {
    const { request, context } = this.#event;
    return context.wantsReceipt
      ? parseReceipt(this.#text(), request)
      : plainReceipt(this.#text(), request);
  }

  reason(): string | undefined {
    return parseReason(this.#text());
  }

  #text(): string {
    return this.#body?.toString('utf8') ?? '';
  }

  /** Ends the exchange now: by the answer, if its status is known, else by the given outcome. */
  #cut(outcome: AttemptOutcome): void {
    this.#finishWithAnswer();
    this.#finish(outcome);
    this.#controller?.abort(new Error('exchange ended'));
  }

  #finishWithAnswer(): void {
    const answer = this.#answer;
    if (answer === undefined || this.#over) return;
    this.#finish(classifyAnswer(answer, this));
  }

  #finish(outcome: AttemptOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadlines.takeBack(this);
    this.#watchers.delete(this);
    // What follows may begin the next request or call the user's functions: not inside of undici, and
    // not before its socket is free, which is at the end of this turn of the event loop. Earlier, the
    // next request would open another socket beside the idle one.
    process.nextTick(setImmediate, endEvent, this.#event, outcome);
  }
}

function endEvent(event: PendingEvent, outcome: AttemptOutcome): void {
  event.end(outcome);
}

function headerOf(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The start of a body that came compressed, though nobody asked for that; empty if unreadable. */
function decoded(body: Buffer | undefined, encoding: string): Buffer | undefined {
  const decode = DECODERS[encoding.trim().toLowerCase()];
  if (body === undefined || decode === undefined) return body;
  try {
    return decode(body);
  } catch {
    return undefined;
  }
}

const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 ** 2 };
const PARTIAL_BROTLI = {
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  maxOutputLength: 1024 ** 2,
};

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body, PARTIAL),
  'x-gzip': (body) => gunzipSync(body, PARTIAL),
  deflate: (body) => inflateSync(body, PARTIAL),
  br: (body) => brotliDecompressSync(body, PARTIAL_BROTLI),
};

/** Something that must be over by a time. */
export interface Limited {
  /** On the monotonic clock (ms); it may come nearer while it is being kept. */
  readonly due: number;
  /** Its time is over. It takes itself back. */
  expire(): void;
}

/**
 * Keeps times of which nearly none is reached, with one timer for all of them, set to the nearest:
 * a timer for each request would be made and cancelled in vain.
 *
 * Where the process stood still past a time (busy, suspended), the answers are in the sockets by
 * then: those are read first, so that no event is sent again that was answered in time.
 *
 * Meant for as many as there are sockets: each time the timer runs, it looks at all of them.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #hold: Hold;
  readonly #kept = new Set<Limited>();
  #setTo = Infinity;
  #cancel = (): void => {};

  constructor(clock: Clock, hold: Hold) {
    this.#clock = clock;
    this.#hold = hold;
  }

  /** Also called again for one whose time came nearer. */
  keep(limited: Limited): void {
    this.#kept.add(limited);
    if (limited.due < this.#setTo) this.#set(limited.due);
  }

  takeBack(limited: Limited): void {
    this.#kept.delete(limited);
    if (this.#kept.size > 0) return;
    // Nothing to wait for: the timer must not keep the process alive.
    this.#cancel();
    this.#setTo = Infinity;
  }

  #set(at: number): void {
    this.#cancel();
    this.#setTo = at;
    this.#after(at - this.#clock.now(), () => {
      this.#setTo = -Infinity;
      // Sockets are read between two timers, however short the second one is.
      this.#after(0, () => {
        this.#expire();
      });
    });
  }

  #after(ms: number, run: () => void): void {
    this.#cancel = this.#clock.after({ ms, hold: this.#hold, run });
  }

  #expire(): void {
    this.#setTo = Infinity;
    const now = this.#clock.now();
    for (const limited of this.#kept) if (limited.due <= now) limited.expire();
    let nearest = Infinity;
    for (const { due } of this.#kept) nearest = Math.min(nearest, due);
    if (nearest < this.#setTo) this.#set(nearest);
  }
}
