import type { ContractEvent, ContractViolation, Refusal } from './contract.ts';
import { checkContract } from './contract.ts';
import type { Answer, ReplyPlan } from './faults.ts';
import { FaultQueue, accepts, answerNow, jsonAnswer, planFault } from './faults.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { ReceivedRequest, RecordedRequest, RefusedRequest } from './requests.ts';
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
  /** Whether a client may name the emulator so. */
  readonly isForClient: (host: string | undefined) => boolean;
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
  readonly receipts: LedgerReceipt[];
  readonly requests: BoundedLog<RecordedRequest>;
  readonly violations: BoundedLog<ContractViolation>;
  readonly refused: BoundedLog<RefusedRequest>;
}

const KEEP_REQUESTS = 50_000;
const KEEP_VIOLATIONS = 10_000;
const KEEP_REFUSED = 1_000;
/** Bytes of bodies and headers of remembered requests, roughly. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** The state of an emulator that has seen no request. */
export function createState({
  ledger,
  apiKey,
  isForClient = () => true,
  keepRequests = KEEP_REQUESTS,
}: {
  readonly ledger: Ledger;
  readonly apiKey?: string | undefined;
  readonly isForClient?: EmulatorState['isForClient'];
  readonly keepRequests?: number | undefined;
}): EmulatorState {
  return {
    apiKey,
    isForClient,
    ledger,
    faults: new FaultQueue(),
    receipts: ledger.entries().map((entry) => issueReceipt(entry, 'first')),
    requests: new BoundedLog({ items: keepRequests, bytes: KEEP_BYTES }, bytesOf),
    violations: new BoundedLog({ items: KEEP_VIOLATIONS }),
    refused: new BoundedLog({ items: KEEP_REFUSED }),
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
  const { plan, violation } = handled;
  const status = plan.kind === 'answer' ? plan.answer.status : undefined;
  const failed = status === undefined || status >= 300;
  const refusal = violation?.reason ?? (failed && !isOnlyLooking(request) ? SCRIPTED : undefined);
  state.requests.add({ ...recorded, status, refusal });
  if (refusal !== undefined) remember(state, { ...recorded, status, refusal }, request);
  return handled;
}

const SCRIPTED = 'scripted';

/** Remembers a request that was not taken, in a log that no flood of good ones empties. */
function remember(
  { refused }: EmulatorState,
  { method, path, arrivedAtMs, status, refusal = '' }: RecordedRequest,
  { headers, body }: Pick<ReceivedRequest, 'headers' | 'body'>,
): void {
  refused.add({
    number: refused.added + 1,
    arrivedAtMs,
    status,
    refusal,
    method: method.slice(0, SHOWN_UNITS),
    path: path.slice(0, SHOWN_UNITS),
    idempotencyKey: headers['idempotency-key']?.slice(0, SHOWN_UNITS),
    bytes: body.byteLength,
  });
}

/** Units of what a request says of itself that are shown. */
const SHOWN_UNITS = 300;

/** Remembers what the HTTP layer itself turned away. */
export function rememberMalformed(
  state: EmulatorState,
  status: number | undefined,
  arrivedAtMs: number,
): void {
  const recorded = { method: '', path: '', headers: {}, body: '', arrivedAtMs };
  const refused = { ...recorded, status, refusal: 'malformed_request' };
  state.requests.add(refused);
  remember(state, refused, { headers: {}, body: new Uint8Array() });
}

const FOREIGN_HOST = 'host must be loopback, or one that --allow-host names';

function decide(
  state: EmulatorState,
  request: ReceivedRequest,
  recorded: RecordedRequest,
): Handled {
  if (!state.isForClient(request.headers['host'])) {
    return refuse(state, request, { status: 403, reason: FOREIGN_HOST });
  }
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

/** What one request that is remembered takes, roughly. */
function bytesOf({ path, headers, body }: RecordedRequest): number {
  let bytes = OBJECT_BYTES + path.length + body.length;
  for (const value of Object.values(headers)) bytes += value.length;
  return bytes;
}

const OBJECT_BYTES = 500;

/** Keeps the newest items and forgets the oldest, at constant cost per item. */
class BoundedLog<T> {
  readonly #most: { readonly items: number; readonly bytes: number };
  readonly #bytesOf: (item: T) => number;
  #kept: T[] = [];
  #oldest = 0;
  #bytes = 0;
  #added = 0;

  constructor(
    { items, bytes = Infinity }: { readonly items: number; readonly bytes?: number },
    bytesOf: (item: T) => number = () => 0,
  ) {
    this.#most = { items, bytes };
    this.#bytesOf = bytesOf;
  }

  /** How many were ever added. */
  get added(): number {
    return this.#added;
  }

  add(item: T): void {
    this.#added += 1;
    this.#kept.push(item);
    this.#bytes += this.#bytesOf(item);
    const { items, bytes } = this.#most;
    while (this.#kept.length - this.#oldest > items || this.#bytes > bytes) this.#forget();
    // The copy is paid once per as many items as it has.
    if (this.#oldest * 2 > this.#kept.length) this.#compact();
  }

  /** The kept items, oldest first, as a copy. */
  items(): readonly T[] {
    return this.#kept.slice(this.#oldest);
  }

  #forget(): void {
    const oldest = this.#kept[this.#oldest];
    if (oldest !== undefined) this.#bytes -= this.#bytesOf(oldest);
    this.#oldest += 1;
    if (this.#oldest > this.#kept.length) this.#bytes = 0;
  }

  #compact(): void {
    this.#kept = this.#kept.slice(this.#oldest);
    this.#oldest = 0;
  }
}
