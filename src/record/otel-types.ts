/**
 * What this package reads of OpenTelemetry's records, and nothing more.
 *
 * The types are structural, so that the records of SDK 2.x and 3.x are both assignable to
 * them and no SDK is imported. Values that a program sets are `unknown`: an SDK passes on
 * what it was given.
 */

/** A moment or a duration: whole seconds and nanoseconds. */
export type HrTime = readonly [number, number];

/** The W3C trace state of a span. */
export interface TraceStateLike {
  serialize(): string;
}

/** Names one span. */
export interface SpanContextLike {
  readonly traceId: string;
  readonly spanId: string;
  readonly isRemote?: boolean | undefined;
  readonly traceState?: TraceStateLike | undefined;
}

/** Attributes as a program set them. */
export interface AttributesLike {
  readonly [key: string]: unknown;
}

/** The entity that a record is about. */
export interface ResourceLike {
  readonly attributes: AttributesLike;
  /** `true` while detectors still look for attributes; `attributes` is incomplete until then. */
  readonly asyncAttributesPending?: boolean | undefined;
  waitForAsyncAttributes?(): Promise<void>;
}

/** The library that made a record; the object is the same for all its records. */
export interface ScopeLike {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
  readonly attributes?: AttributesLike | undefined;
}

/** Something that happened during a span. */
export interface SpanEventLike {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes?: AttributesLike | undefined;
  readonly droppedAttributesCount?: number | undefined;
}

/** A pointer from a span to another. */
export interface SpanLinkLike {
  readonly context: SpanContextLike;
  readonly attributes?: AttributesLike | undefined;
  readonly droppedAttributesCount?: number | undefined;
}

/** An ended span. */
export interface SpanLike {
  readonly name: string;
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly spanContext: () => SpanContextLike;
  readonly parentSpanContext?: SpanContextLike | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  /** `code`: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: AttributesLike;
  readonly events: readonly SpanEventLike[];
  readonly links: readonly SpanLinkLike[];
  readonly resource: ResourceLike;
  readonly instrumentationScope: ScopeLike;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** An emitted log record. */
export interface LogRecordLike {
  readonly hrTime: HrTime;
  readonly hrTimeObserved: HrTime;
  readonly spanContext?: SpanContextLike | undefined;
  readonly severityText?: string | undefined;
  /** 1 to 24; 0 or nothing when unspecified. */
  readonly severityNumber?: number | undefined;
  readonly body?: unknown;
  readonly eventName?: string | undefined;
  readonly attributes: AttributesLike;
  readonly resource: ResourceLike;
  readonly instrumentationScope: ScopeLike;
  readonly droppedAttributesCount: number;
}
