import type { ContractEvent, ContractViolation, Refusal } from './contract.ts';
import { checkContract } from './contract.ts';
import type { Answer, FaultQueue, ReplyPlan } from './faults.ts';
import {
  accepts,
  answerNow,
  createFaultQueue,
  jsonAnswer,
  planFault,
  refusalAnswer,
} from './faults.ts';
import type { Ledger, LedgerEntry, LedgerReceipt } from './ledger.ts';
import { issueReceipt, receiptAnswer } from './ledger.ts';
import type { ReceivedRequest, RecordedRequest } from './requests.ts';
import { recordRequest } from './requests.ts';

/** A list that keeps the newest items and forgets the oldest, at constant cost per item. */
export interface BoundedLog<T> {
  /** Adds one item; the oldest is forgotten when the log is full. */
  add(item: T): void;
  /** The kept items, oldest first, as a copy. */
  items(): readonly T[];
}

/** Creates a log of at most `capacity` items. */
export function createBoundedLog<T>(capacity: number): BoundedLog<T> {
  let kept: T[] = [];
  return {
    add(item) {
      if (capacity === 0) return;
      kept.push(item);
      // Cut only at twice the capacity: the copy is then paid once per `capacity` items.
      if (kept.length >= capacity * 2) kept = kept.slice(-capacity);
    },
    items: () => kept.slice(Math.max(0, kept.length - capacity)),
  };
}

/** All that one emulator knows. Each part grows by appending, so a request costs the same at any time. */
export interface EmulatorState {
  /** The only key that is let in; `undefined` lets every well-formed bearer token in. */
  readonly apiKey: string | undefined;
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
  readonly receipts: LedgerReceipt[];
  readonly requests: BoundedLog<RecordedRequest>;
  readonly violations: BoundedLog<ContractViolation>;
}

/** What one request led to. */
export interface Handled {
  readonly plan: ReplyPlan;
  /** The entry it added to the ledger; absent for repeats, refusals and faults. */
  readonly sealed?: LedgerEntry;
  /** What it broke; absent when the contract was kept. */
  readonly violation?: ContractViolation;
}

const KEEP_VIOLATIONS = 10_000;

/** Creates the state of an emulator that has seen nothing. */
export function createState(parts: {
  readonly ledger: Ledger;
  readonly apiKey?: string | undefined;
  readonly keepRequests?: number | undefined;
}): EmulatorState {
  return {
    apiKey: parts.apiKey,
    ledger: parts.ledger,
    faults: createFaultQueue(),
    receipts: parts.ledger.entries().map((entry) => issueReceipt(entry, 'first')),
    requests: createBoundedLog(parts.keepRequests ?? 50_000),
    violations: createBoundedLog(KEEP_VIOLATIONS),
  };
}

/**
 * The whole behaviour of the emulator, without a socket: contract, then script, then ledger.
 *
 * The contract comes first, so that a wrong request is noticed also in the middle of an outage.
 */
export function handle(state: EmulatorState, request: ReceivedRequest): Handled {
  const recorded = recordRequest(request);
  const handled = decide(state, request, recorded);
  const { plan } = handled;
  state.requests.add({
    ...recorded,
    status: plan.kind === 'answer' ? plan.answer.status : undefined,
  });
  return handled;
}

function decide(
  state: EmulatorState,
  request: ReceivedRequest,
  recorded: RecordedRequest,
): Handled {
  const verdict = checkContract(request, state.apiKey);
  if (!verdict.ok) return refuse(state, request, verdict.refusal);
  const fault = state.faults.takeForRequest(recorded);
  if (fault !== undefined && !accepts(fault)) return { plan: planFault(fault, undefined) };
  const accepted = accept(state, verdict.event, request.arrivedAtMs);
  if (accepted === 'conflict') {
    return refuse(state, request, { status: 422, reason: 'idempotency_conflict' });
  }
  const plan = fault === undefined ? answerNow(accepted.answer) : planFault(fault, accepted.answer);
  return accepted.sealed === undefined ? { plan } : { plan, sealed: accepted.sealed };
}

function accept(
  state: EmulatorState,
  event: ContractEvent,
  receivedAtMs: number,
): { readonly answer: Answer; readonly sealed?: LedgerEntry } | 'conflict' {
  const appended = state.ledger.append(event, receivedAtMs);
  if (appended.kind === 'conflict') return 'conflict';
  if (appended.kind === 'failed') {
    return { answer: jsonAnswer(500, { ok: false, reason: 'internal_error' }) };
  }
  const receipt = issueReceipt(appended.entry, appended.kind === 'sealed' ? 'first' : 'repeat');
  state.receipts.push(receipt);
  const answer = receiptAnswer(receipt);
  return appended.kind === 'sealed' ? { answer, sealed: appended.entry } : { answer };
}

function refuse(state: EmulatorState, request: ReceivedRequest, refusal: Refusal): Handled {
  const plan = answerNow(refusalAnswer({ ok: false, refusal }));
  if (isOnlyLooking(request)) return { plan };
  const violation: ContractViolation = {
    status: refusal.status,
    reason: refusal.reason,
    idempotencyKey: request.headers['idempotency-key'],
    arrivedAtMs: request.arrivedAtMs,
  };
  state.violations.add(violation);
  return { plan, violation };
}

/** A browser that asks for a page or an icon is no client that breaks the contract. */
function isOnlyLooking({ method, path }: ReceivedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !path.startsWith('/v1/');
}
