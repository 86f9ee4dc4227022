/** Why a request was refused: the answer, before it is an answer. */
export interface Refusal {
  readonly status: number;
  /** In words, without any value of the request. */
  readonly reason: string;
  /** Headers the refusal brings along, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that the contract of the ledger does not allow, as `violations()` shows it. */
export interface ContractViolation {
  /** HTTP status of the refusal. */
  readonly status: number;
  /** In words, without any value of the request. */
  readonly reason: string;
  /** Its Idempotency-Key; `undefined` when it had none. */
  readonly idempotencyKey: string | undefined;
  /** When it arrived, in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
}

/** A refusal of the event itself: 400. */
export function badRequest(reason: string): Refusal {
  return { status: 400, reason };
}
