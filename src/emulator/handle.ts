import { type BoundedLog, createBoundedLog } from './bounded-log.ts';
import { type ContractEvent, checkContract } from './contract.ts';
import type { ContractViolation, Refusal } from './contract-violation.ts';
import { type FaultQueue, createFaultQueue } from './fault-queue.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { type LedgerReceipt, issueReceipt, receiptAnswer } from './ledger-receipt.ts';
import type { ReceivedRequest } from './received-request.ts';
import { type RecordedRequest, recordRequest } from './recorded-request.ts';
import {
  type Answer,
  type ReplyPlan,
  accepts,
  answerNow,
  jsonAnswer,
  planFault,
  refusalAnswer,
} from './reply-plan.ts';

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
