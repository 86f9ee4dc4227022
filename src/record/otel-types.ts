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
  /** The list as in the `tracestate` header. */
  serialize(): string;
}

/** Names one span. */
export interface SpanContextLike {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Whether it came from another process. */
  readonly isRemote?: boolean | undefined;
  /** Bit 0: sampled (W3C Trace Context). */
  readonly traceFlags?: number | undefined;
  /** Vendors' own correlation data. */
  readonly traceState?: TraceStateLike | undefined;
}

/** Attributes as a program set them. */
export interface AttributesLike {
  readonly [key: string]: unknown;
}

/** The entity that a record is about. */
export interface ResourceLike {
  /** What is known of the entity so far. */
  readonly attributes: AttributesLike;
  /** Schema that its attributes follow. */
  readonly schemaUrl?: string | undefined;
  /** `true` while detectors still look for attributes; `attributes` is incomplete until then. */
  readonly asyncAttributesPending?: boolean | undefined;
  /** Resolves when nothing is pending any more. */
  waitForAsyncAttributes?(): Promise<void>;
}

/** The library that made a record; the object is the same for all its records. */
export interface ScopeLike {
  /** Name of the library. */
  readonly name: string;
  /** Version of the library. */
  readonly version?: string | undefined;
  /** Schema that its attributes follow. */
  readonly schemaUrl?: string | undefined;
  /** What it says of itself. */
  readonly attributes?: AttributesLike | undefined;
}

/** Something that happened during a span. */
export interface SpanEventLike {
  /** What happened. */
  readonly name: string;
  /** When it happened. */
  readonly time: HrTime;
  /** Its circumstances. */
  readonly attributes?: AttributesLike | undefined;
  /** Attributes that the SDK threw away. */
  readonly droppedAttributesCount?: number | undefined;
}

/** A pointer from a span to another. */
export interface SpanLinkLike {
  /** The span that is pointed to. */
  readonly context: SpanContextLike;
  /** Why it is pointed to. */
  readonly attributes?: AttributesLike | undefined;
  /** Attributes that the SDK threw away. */
  readonly droppedAttributesCount?: number | undefined;
}

/** How a span ended. */
export interface SpanStatusLike {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** What went wrong. */
  readonly message?: string | undefined;
}

/** An ended span. */
export interface SpanLike {
  /** What was done. */
  readonly name: string;
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  /** Ids of the span. */
  readonly spanContext: () => SpanContextLike;
  /** Ids of the span that caused it; nothing for a root. */
  readonly parentSpanContext?: SpanContextLike | undefined;
  /** When it began. */
  readonly startTime: HrTime;
  /** When it ended. */
  readonly endTime: HrTime;
  /** How long it took. */
  readonly duration: HrTime;
  /** How it ended. */
  readonly status: SpanStatusLike;
  /** Its circumstances. */
  readonly attributes: AttributesLike;
  /** What happened during it. */
  readonly events: readonly SpanEventLike[];
  /** Other spans it has to do with. */
  readonly links: readonly SpanLinkLike[];
  /** Who did it. */
  readonly resource: ResourceLike;
  /** Which library recorded it. */
  readonly instrumentationScope: ScopeLike;
  /** Attributes that the SDK threw away. */
  readonly droppedAttributesCount: number;
  /** Events that the SDK threw away. */
  readonly droppedEventsCount: number;
  /** Links that the SDK threw away. */
  readonly droppedLinksCount: number;
}

/** An emitted log record. */
export interface LogRecordLike {
  /** When it happened. */
  readonly hrTime: HrTime;
  /** When it was recorded. */
  readonly hrTimeObserved: HrTime;
  /** Ids of the span during which it was recorded. */
  readonly spanContext?: SpanContextLike | undefined;
  /** Severity in the logger's own word. */
  readonly severityText?: string | undefined;
  /** 1 to 24; 0 or nothing when unspecified. */
  readonly severityNumber?: number | undefined;
  /** What was logged; anything at all. */
  readonly body?: unknown;
  /** Name of the event, for a record that is one. */
  readonly eventName?: string | undefined;
  /** Its circumstances. */
  readonly attributes: AttributesLike;
  /** Who logged it. */
  readonly resource: ResourceLike;
  /** Which library recorded it. */
  readonly instrumentationScope: ScopeLike;
  /** Attributes that the SDK threw away. */
  readonly droppedAttributesCount: number;
}
