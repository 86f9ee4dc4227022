import type { ContractEvent, ContractViolation, Refusal } from './contract.ts';
import { checkContract } from './contract.ts';
import type { Answer, ReplyPlan } from './faults.ts';
import { FaultQueue, accepts, answerNow, jsonAnswer, planFault } from './faults.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { ReceivedRequest, RecordedRequest } from './requests.ts';
import { recordRequest } from './requests.ts';

/** What the ledger confirmed for one accepted request. */
export interface LedgerReceipt {
  /** The key under which the event was sent. */
  readonly idempotencyKey: string;
  /** Transaction id of the entry. */
  readonly txId: string;
  /** SHA-256 of the payload, 64 hex digits. */
  readonly payloadHash: string;
  /** The only word for success. */
  readonly status: 'accepted';
  /** Whether the ledger had the event already. */
  readonly duplicate: boolean;
  /** `meta.request_id` of the entry, else its key. */
  readonly requestId: string;
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

const KEEP_REQUESTS = 50_000;
const KEEP_VIOLATIONS = 10_000;

/** The state of an emulator that has seen no request. */
export function createState({
  ledger,
  apiKey,
  keepRequests = KEEP_REQUESTS,
}: {
  readonly ledger: Ledger;
  readonly apiKey?: string | undefined;
  readonly keepRequests?: number | undefined;
}): EmulatorState {
  return {
    apiKey,
    ledger,
    faults: new FaultQueue(),
    receipts: ledger.entries().map((entry) => issueReceipt(entry, 'first')),
    requests: new BoundedLog(keepRequests),
    violations: new BoundedLog(KEEP_VIOLATIONS),
  };
}

/** What one request led to. */
export interface Handled {
  readonly plan: ReplyPlan;
  /** The entry it added to the ledger; absent for repeats, refusals and faults. */
  readonly sealed?: LedgerEntry;
  /** What it broke; absent when the contract was kept. */
  readonly violation?: ContractViolation;
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
  const status = plan.kind === 'answer' ? plan.answer.status : undefined;
  state.requests.add({ ...recorded, status });
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

/** The same one every time but for `duplicate`. */
function issueReceipt(entry: LedgerEntry, occasion: 'first' | 'repeat'): LedgerReceipt {
  return {
    idempotencyKey: entry.idempotencyKey,
    txId: entry.txId,
    payloadHash: entry.payloadHash,
    status: 'accepted',
    duplicate: occasion === 'repeat',
    requestId: entry.requestId,
  };
}

/** The answer that carries a receipt, in the documented shape. */
function receiptAnswer(receipt: LedgerReceipt): Answer {
  return jsonAnswer(202, {
    ok: true,
    tx_id: receipt.txId,
    payload_hash: receipt.payloadHash,
    status: receipt.status,
    duplicate: receipt.duplicate,
    request_id: receipt.requestId,
  });
}

function refuse(state: EmulatorState, request: ReceivedRequest, refusal: Refusal): Handled {
  const { status, reason, headers } = refusal;
  const answer = jsonAnswer(status, { ok: false, reason });
  const plan = answerNow({ ...answer, headers: { ...answer.headers, ...headers } });
  if (isOnlyLooking(request)) return { plan };
  const violation: ContractViolation = {
    status,
    reason,
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

/** Keeps the newest items and forgets the oldest, at constant cost per item. */
class BoundedLog<T> {
  readonly #capacity: number;
  #kept: T[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(item: T): void {
    if (this.#capacity === 0) return;
    this.#kept.push(item);
    // Cut only at twice the capacity: the copy is then paid once per `capacity` items.
    if (this.#kept.length >= this.#capacity * 2) this.#kept = this.#kept.slice(-this.#capacity);
  }

  /** The kept items, oldest first, as a copy. */
  items(): readonly T[] {
    return this.#kept.slice(Math.max(0, this.#kept.length - this.#capacity));
  }
}
