/** One event ready to be sent: made once, the same bytes on every attempt. */
export interface WireRequest {
  readonly idempotencyKey: string;
  /** `meta.request_id`, sent as `Request-Id` where it is safe as a header. */
  readonly requestId: string;
  /** The whole HTTP body, `{"payload":"…","meta":{…}}`. */
  readonly body: string;
  /** Size of `body` in UTF-8 bytes. */
  readonly bytes: number;
}
