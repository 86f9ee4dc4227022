import type { Dispatcher } from 'undici';
import process from 'node:process';
import type { SendOutcome } from '../outcome.ts';
import type { Receipt } from '../receipt.ts';
import type { Clock } from '../runtime/clock.ts';
import { parseReason, parseReceipt, plainReceipt } from '../wire/response.ts';
import type { WireRequest } from '../wire/wire-request.ts';
import type { BoundedBody } from './bounded-body.ts';
import { createBoundedBody } from './bounded-body.ts';
import type { Answer, AnswerBody } from './classify.ts';
import { classifyAnswer, classifyError } from './classify.ts';
import type { Deadlines, Limited } from './deadlines.ts';
import { endReason } from './lifetime.ts';
import type { AbortWatcher } from './abort-watchers.ts';
import { abortWatchers } from './abort-watchers.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { OnOutcome, SendContext } from './transport.ts';

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
 * - Deadline and lifetime hold whatever undici does: a request still queued there, waiting for
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
  #outcome: SendOutcome | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.due = parts.due;
    this.#watchers = abortWatchers(parts.context.lifetime.signal);
    this.#watchers.add(this);
    parts.deadlines.keep(this);
  }

  expire(): void {
    const failure = { detail: 'timeout', status: undefined };
    this.#cut({ kind: 'retryable', failure, retryAfterMs: undefined, once: false });
  }

  aborted(): void {
    const failure = { detail: 'ended', status: undefined };
    this.#cut({ kind: 'dropped', reason: endReason(this.#parts.context.lifetime), failure });
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
  #cut(outcome: SendOutcome): void {
    this.#finishWithAnswer();
    this.#finish(outcome);
    this.#controller?.abort(new Error('exchange ended'));
  }

  #finish(outcome: SendOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#parts.deadlines.takeBack(this);
    this.#watchers.delete(this);
    // What follows may begin the next request or call the user's functions: not in here.
    process.nextTick(this.#parts.done, outcome);
  }
}
