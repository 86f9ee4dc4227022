import type { ContractVerdict } from './contract.ts';
import type { Fault } from './faults.ts';

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

/** The answer to a request that the contract does not allow. */
export function refusalAnswer({ refusal }: Extract<ContractVerdict, { ok: false }>): Answer {
  const answer = jsonAnswer(refusal.status, { ok: false, reason: refusal.reason });
  return { ...answer, headers: { ...answer.headers, ...refusal.headers } };
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
