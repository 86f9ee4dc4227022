/** An encoded event as it goes into a spool: redacted, final bytes, final key. */
export interface SpoolEntry {
  readonly idempotencyKey: string;
  readonly requestId: string;
  /** The whole HTTP body. */
  readonly body: Uint8Array;
  /** Size of `body` in bytes. */
  readonly bytes: number;
}

/** Names a record within one spool; made by the spool, handed back to it. */
export interface RecordRef {
  /** Directory of the writer whose record it is. */
  readonly writer: string;
  /** Position in the order of that writer, from 1. */
  readonly sequence: number;
}

/** A record as it comes out, byte for byte as it went in. */
export interface SpooledRecord {
  readonly ref: RecordRef;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly body: Uint8Array;
  /** When it was stored, ms since the epoch. */
  readonly storedAtMs: number;
}

/**
 * How storing went.
 *
 * - `stored`: it survives the process and the power.
 * - `full`: the byte cap or the free-space floor forbids it; nothing was written.
 * - `unwritable`: the disk refused it (`ENOSPC`, `EIO`, …); nothing of it counts as stored.
 * - `closed`: the spool takes nothing any more.
 */
export type StoreResult =
  | { readonly kind: 'stored'; readonly ref: RecordRef }
  | { readonly kind: 'full' | 'unwritable' | 'closed'; readonly detail: string };

/** An event the ledger refused for good, kept beside the spool for a person to look at. */
export interface QuarantinedEvent {
  readonly record: SpooledRecord;
  /** HTTP status of the refusal. */
  readonly status: number | undefined;
  /** The ledger's own words, redacted; `undefined` where it gave none. */
  readonly reason: string | undefined;
}

/** What a spool holds. */
export interface SpoolStats {
  /** Records that are not acknowledged. */
  readonly events: number;
  /** Bytes on disk: segments, acknowledgements included. */
  readonly bytes: number;
  /** Age in ms of the oldest record that is not acknowledged; `undefined` when there is none. */
  readonly oldestAgeMs: number | undefined;
  /** Records taken over from writers that are gone. */
  readonly adopted: number;
  /** Damaged ranges found, each kept in quarantine as far as its bound allows. */
  readonly corruptRanges: number;
  /** Events moved into quarantine by this process. */
  readonly quarantined: number;
  /** Bytes of the whole quarantine, what earlier processes put there included. */
  readonly quarantineBytes: number;
  /** Times that an event could not be put there; it stays in the spool, and that is tried again. */
  readonly quarantineErrors: number;
  /** Errors of the disk at reading so far; nothing is given up because of one. */
  readonly readErrors: number;
  /** Files and directories that cannot be read now, and are tried again. */
  readonly unreadable: number;
}

/**
 * Keeps records until they are delivered.
 *
 * - A stored record survives the process and the power; `store` resolves after it does.
 * - Records come out oldest first, those of writers that are gone before one's own.
 * - A claimed record is not claimed twice by one process; unless acknowledged, it is offered again
 *   by the next one.
 * - A record is deleted only after `acknowledge`, whatever its age.
 * - A damaged record costs itself only.
 * - The byte cap counts the record being stored.
 * - What cannot be read is never deleted.
 */
export interface Spool {
  /** Stores one record; concurrent calls share one write and one sync. Never rejects. */
  store(entry: SpoolEntry): Promise<StoreResult>;
  /**
   * The next records to deliver, at most `limit`, oldest first; empty when there is nothing left
   * for now. Never rejects: what cannot be read now is passed over and tried again later.
   */
  claim(limit: number): Promise<readonly SpooledRecord[]>;
  /** The record need not be kept any more. Cheap and not durable: a lost one costs a duplicate. */
  acknowledge(ref: RecordRef): void;
  /** Keeps the event for a person and acknowledges it; `false` when it could not be kept. */
  quarantine(event: QuarantinedEvent): Promise<boolean>;
  /** Takes over what writers that are gone have left; resolves to the number of records. */
  adopt(): Promise<number>;
  /** Calls the function whenever what could not be read is worth another `adopt` and `claim`. */
  onRetryDue(run: () => void): void;
  stats(): SpoolStats;
  /** Resolves when everything handed to `store` so far is settled. */
  settled(): Promise<void>;
  /** Writes, blocking, what is not committed yet: for the `exit` event of the process. */
  storeRestNow(): void;
  /** Commits, lets go of the directory, and removes what is empty. Idempotent. */
  close(): Promise<void>;
}
