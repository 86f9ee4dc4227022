import type { Dispatcher } from 'undici';
import type { SendOutcome } from '../outcome.ts';
import type { Clock } from '../runtime/clock.ts';
import { parseReason, parseReceipt } from '../wire/response.ts';
import type { OutgoingRequest } from '../wire/wire-request.ts';
import { createBoundedBody } from './bounded-body.ts';
import { classifyAnswer, classifyError } from './classify.ts';
import { endReason } from './lifetime.ts';
import { onAbort } from './on-abort.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { SendContext } from './transport.ts';

/** How long the body of an answer may take after its status line, in ms. */
const BODY_BUDGET_MS = 1_000;

/** One request and the wait for its answer. */
export interface Exchange {
  readonly handler: Dispatcher.DispatchHandler;
  readonly outcome: Promise<SendOutcome>;
  /** The request could not be handed over at all. */
  fail(error: unknown): void;
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
 */
export function createExchange(
  request: OutgoingRequest,
  { deadline, lifetime }: SendContext,
  clock: Clock,
): Exchange {
  const body = createBoundedBody();
  let controller: Controller | undefined;
  let answer: { readonly status: number; readonly retryAfterMs: number | undefined } | undefined;
  let settle: (outcome: SendOutcome) => void = () => {};
  const outcome = new Promise<SendOutcome>((resolve) => {
    settle = resolve;
  });
  let settled = false;

  function finish(result: SendOutcome): void {
    if (settled) return;
    settled = true;
    stopDeadline();
    stopBody();
    stopWatching();
    settle(result);
  }

  function finishWithAnswer(): void {
    if (answer === undefined) return;
    const receipt = () => parseReceipt(body.text(), request);
    const reason = () => parseReason(body.text());
    finish(classifyAnswer({ ...answer, receipt, reason }));
  }

  /** Ends the exchange now: by the answer, if its status is known, else by the given outcome. */
  function cut(result: SendOutcome): void {
    finishWithAnswer();
    finish(result);
    controller?.abort(new Error('exchange ended'));
  }

  function fail(error: unknown): void {
    finishWithAnswer();
    finish(classifyError(error));
  }

  const stopWatching = onAbort(lifetime.signal, () => {
    const failure = { detail: 'ended', status: undefined };
    cut({ kind: 'dropped', reason: endReason(lifetime), failure });
  });

  const stopDeadline = clock.after({
    ms: deadline - clock.now(),
    hold: lifetime.hold,
    run: () => {
      const failure = { detail: 'timeout', status: undefined };
      cut({ kind: 'retryable', failure, retryAfterMs: undefined, once: false });
    },
  });
  let stopBody = (): void => {};

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started;
      if (settled) started.abort(new Error('exchange ended'));
    },
    onResponseStart(_controller, status, headers) {
      // Informational answers (1xx) announce the one that counts.
      if (status < 200) return;
      answer = { status, retryAfterMs: parseRetryAfter(retryAfterOf(headers), clock.wallTime()) };
      stopBody = clock.after({
        ms: BODY_BUDGET_MS,
        hold: lifetime.hold,
        run: () => {
          finishWithAnswer();
          controller?.abort(new Error('exchange ended'));
        },
      });
    },
    onResponseData(current, chunk) {
      if (body.add(chunk)) return;
      finishWithAnswer();
      current.abort(new Error('exchange ended'));
    },
    onResponseEnd: finishWithAnswer,
    onResponseError(_controller, error) {
      fail(error);
    },
  };
  return { handler, outcome, fail };
}
