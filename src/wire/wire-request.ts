/** One event as the encoder makes it; sent with the same bytes on every attempt. */
export interface WireRequest {
  readonly idempotencyKey: string;
  /** `meta.request_id`, sent as `Request-Id` where it is safe as a header. */
  readonly requestId: string;
  /** The whole HTTP body, `{"payload":"…","meta":{…}}`, in UTF-8. */
  readonly body: Uint8Array;
  /** Size of `body` in bytes. */
  readonly bytes: number;
}
