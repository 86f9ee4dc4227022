/** What the ledger confirmed for one event. Fields that its answer left out are `undefined`. */
export interface Receipt {
  /** Id of the ledger transaction. */
  readonly txId: string | undefined;
  /** Hash of the payload as the ledger computed it. */
  readonly payloadHash: string | undefined;
  /** Whether the ledger had an event under this idempotency key already. */
  readonly duplicate: boolean;
  /** Correlation id: the ledger's echo, else the one that was sent. */
  readonly requestId: string;
  /** The ledger's own word for the state, such as `accepted`. */
  readonly status: string | undefined;
  /** The key under which the event was sent. */
  readonly idempotencyKey: string;
}
