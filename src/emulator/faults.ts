import type { RecordedRequest } from './requests.ts';

/**
 * One scripted misbehaviour. It applies to the next `times` requests that `when` picks out of those
 * the contract allows (a request that breaks the contract is refused and uses up no fault). Without
 * any other field it is ordinary service: a place holder in a script.
 *
 * @example An outage of two requests, then a quota answer
 * ```ts
 * emulator.fail([{ status: 503, times: 2 }, { status: 429, headers: { 'retry-after': '1' } }]);
 * ```
 * @example The answer is lost, although the ledger has the event
 * ```ts
 * emulator.fail({ reset: 'after' });
 * ```
 * @example One event is refused for ever, its neighbours go through
 * ```ts
 * emulator.fail({ status: 400, times: Infinity, when: ({ body }) => body.includes('usr_13') });
 * ```
 * @example Every second request fails
 * ```ts
 * emulator.fail([{}, { status: 500 }, {}, { status: 500 }]);
 * ```
 *
 * Where several fields say what happens to the answer, the first of `reset`, `hang`, `endlessBody`,
 * `slowHeadersMs` wins.
 */
export interface Fault {
  /** Which requests it is for. @defaultValue all */
  readonly when?: (request: RecordedRequest) => boolean;
  /** For how many requests; `Infinity` until `heal()`. @defaultValue 1 */
  readonly times?: number;
  /** Status to answer, 200 to 599. @defaultValue the ordinary one */
  readonly status?: number;
  /** Headers to add to the answer, or to put in place of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of the answer, as it stands. @defaultValue the ordinary one */
  readonly body?: string;
  /**
   * Whether the event goes into the ledger, whatever the answer says.
   * @defaultValue true without a `status` or with a 2xx, else false
   */
  readonly accept?: boolean;
  /** Milliseconds between the request and its answer; the event is in the ledger at once. */
  readonly delayMs?: number;
  /** Cuts the connection, before or after the event went into the ledger; nothing is answered. */
  readonly reset?: 'before' | 'after';
  /** Never answers; with `after-accept` the event is in the ledger. */
  readonly hang?: true | 'after-accept';
  /** Milliseconds between any two bytes of status line and headers. */
  readonly slowHeadersMs?: number;
  /** Status and headers at once, then a body that never comes to its end. */
  readonly endlessBody?: true;
  /**
   * Closes the next `times` new connections as soon as they are made, before any request; `when` and
   * all other fields do not apply. Connections that are open already are left alone.
   */
  readonly closeOnAccept?: true;
}

/** Scripted faults, each used up by the requests it applies to. */
export class FaultQueue {
  readonly #requests: PendingFault[] = [];
  readonly #connections: PendingFault[] = [];

  /** Puts faults at the end. @throws RangeError when a number in one is out of range. */
  add(faults: readonly Fault[]): void {
    faults.forEach(requireValid);
    for (const fault of faults) {
      const queue = fault.closeOnAccept === true ? this.#connections : this.#requests;
      queue.push({ fault, left: fault.times ?? 1 });
    }
  }

  /** Takes one use of the first fault that is for this request. */
  takeForRequest(request: RecordedRequest): Fault | undefined {
    return take(this.#requests, (fault) => fault.when?.(request) ?? true);
  }

  /** Takes one use of the first fault that is for new connections; whether there was one. */
  takeForConnection(): boolean {
    return take(this.#connections, () => true) !== undefined;
  }

  /** Forgets all faults. */
  clear(): void {
    this.#requests.length = 0;
    this.#connections.length = 0;
  }
}

interface PendingFault {
  readonly fault: Fault;
  left: number;
}

function take(queue: PendingFault[], applies: (fault: Fault) => boolean): Fault | undefined {
  const index = queue.findIndex(({ fault }) => applies(fault));
  const pending = queue[index];
  if (pending === undefined) return undefined;
  pending.left -= 1;
  if (pending.left <= 0) queue.splice(index, 1);
  return pending.fault;
}

/** Node turns a longer timer into one of a millisecond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function requireValid({ times = 1, status = 200, delayMs = 0, slowHeadersMs = 0 }: Fault): void {
  if (times !== Infinity && !isWholeBetween(times, 1, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError('times must be a whole number from 1 on, or Infinity');
  }
  if (!isWholeBetween(status, 200, 599)) throw new RangeError('status must be from 200 to 599');
  for (const milliseconds of [delayMs, slowHeadersMs]) {
    if (!isWholeBetween(milliseconds, 0, MAX_TIMER_MS)) {
      throw new RangeError(`delayMs and slowHeadersMs must be from 0 to ${MAX_TIMER_MS}`);
    }
  }
}

/** Whether a number is whole and within bounds, both of them included. */
export function isWholeBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** What the socket has to do with one request; plain data. */
export type ReplyPlan =
  | {
      readonly kind: 'answer';
      readonly answer: Answer;
      readonly delayMs: number;
      readonly pace: Pace;
    }
  /** Cut the connection. */
  | { readonly kind: 'reset'; readonly delayMs: number }
  /** Say nothing and keep the connection. */
  | { readonly kind: 'hang' };

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How fast an answer goes out. */
export type Pace =
  | { readonly kind: 'at-once' }
  | { readonly kind: 'slow-headers'; readonly intervalMs: number }
  | { readonly kind: 'endless-body' };

/** An answer with a JSON body. */
export function jsonAnswer(status: number, body: Readonly<Record<string, unknown>>): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** An answer that goes out at once. */
export function answerNow(answer: Answer): ReplyPlan {
  return { kind: 'answer', answer, delayMs: 0, pace: { kind: 'at-once' } };
}

/** Whether the event of a request under this fault goes into the ledger. */
export function accepts(fault: Fault): boolean {
  if (fault.reset !== undefined) return fault.reset === 'after';
  if (fault.hang !== undefined) return fault.hang === 'after-accept';
  return fault.accept ?? (fault.status === undefined || isSuccess(fault.status));
}

/** Bends the ordinary answer the way a fault says. */
export function planFault(fault: Fault, ordinary: Answer | undefined): ReplyPlan {
  const delayMs = fault.delayMs ?? 0;
  if (fault.reset !== undefined) return { kind: 'reset', delayMs };
  if (fault.hang !== undefined) return { kind: 'hang' };
  return { kind: 'answer', answer: bend(fault, ordinary), delayMs, pace: paceOf(fault) };
}

function bend(fault: Fault, ordinary: Answer | undefined): Answer {
  const status = fault.status ?? ordinary?.status ?? 503;
  const base =
    ordinary !== undefined && isSuccess(status)
      ? ordinary
      : jsonAnswer(status, { ok: false, reason: `scripted_${status}` });
  return {
    status,
    headers: { ...base.headers, ...fault.headers },
    body: fault.body ?? (status === 204 || status === 304 ? '' : base.body),
  };
}

function paceOf(fault: Fault): Pace {
  if (fault.endlessBody === true) return { kind: 'endless-body' };
  if (fault.slowHeadersMs === undefined) return { kind: 'at-once' };
  return { kind: 'slow-headers', intervalMs: fault.slowHeadersMs };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
