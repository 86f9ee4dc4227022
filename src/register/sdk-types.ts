import type { BatchSettings } from './defaults.ts';

/**
 * The parts of the OpenTelemetry SDK that are used here, as both lines (2.x and 3.x) have them.
 * The SDK is an optional peer: its own types may not be there.
 */
export interface Processor {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Something that can be told to end. */
export interface Stoppable {
  shutdown(): Promise<void>;
}

/** An exporter of the SDK or of this package. */
export interface AnyExporter {
  export(
    records: readonly never[],
    callback: (result: { code: number; error?: Error }) => void,
  ): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Makes a processor for an exporter; see `makeProcessor` for the two forms of it. */
export type ProcessorClass = new (
  options: AnyExporter & { readonly exporter: AnyExporter } & Partial<BatchSettings>,
  settings?: BatchSettings,
) => Processor;

/** Makes an exporter from the environment alone. */
export type ExporterClass = new () => AnyExporter;

/** What `NodeSDK` takes. */
export interface SdkOptions {
  readonly spanProcessors: readonly Processor[];
  readonly logRecordProcessors: readonly Processor[];
  readonly metricReaders?: readonly never[];
  readonly instrumentations: readonly unknown[];
}

/** `@opentelemetry/sdk-node`. */
export interface SdkNode {
  readonly NodeSDK: new (options: SdkOptions) => Stoppable & { start(): void };
  /** Starts from `OTEL_CONFIG_FILE`; not in the oldest versions. */
  readonly startNodeSDK?: (options: { readonly instrumentations: readonly unknown[] }) => Stoppable;
}

/** Everything that makes processors. */
export interface Processors {
  readonly BatchSpanProcessor: ProcessorClass;
  readonly SimpleSpanProcessor: ProcessorClass;
  readonly ConsoleSpanExporter: ExporterClass;
  readonly BatchLogRecordProcessor: ProcessorClass;
  readonly SimpleLogRecordProcessor: ProcessorClass;
  readonly ConsoleLogRecordExporter: ExporterClass;
}
