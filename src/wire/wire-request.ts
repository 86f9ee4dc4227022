/** What a request is made of: once, with the same bytes on every attempt. */
export interface OutgoingRequest {
  readonly idempotencyKey: string;
  /** `meta.request_id`, sent as `Request-Id` where it is safe as a header. */
  readonly requestId: string;
  /** The whole HTTP body, `{"payload":"…","meta":{…}}`. */
  readonly body: string | Uint8Array;
  /** Size of `body` in UTF-8 bytes. */
  readonly bytes: number;
}

/** One event as the encoder makes it. */
export interface WireRequest extends OutgoingRequest {
  readonly body: string;
}
