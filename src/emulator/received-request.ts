/** One HTTP request as it came in, whole, before anything judged it. */
export interface ReceivedRequest {
  readonly method: string;
  /** The request target: path and, where there is one, query. */
  readonly path: string;
  /** Header values by lower-case name; repeated headers joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body bytes; empty when `oversized`. */
  readonly body: Uint8Array;
  /** Whether the body was above {@link MAX_BODY_BYTES} and therefore not kept. */
  readonly oversized: boolean;
  /** When its head arrived, in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
}

/** Bound of a whole request body in bytes; above it the answer is 413. */
export const MAX_BODY_BYTES: number = 256 * 1024;
