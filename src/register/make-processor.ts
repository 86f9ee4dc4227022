import type { BatchSettings } from './defaults.ts';
import type { AnyExporter, Processor, ProcessorClass } from './sdk-types.ts';

type Callback = (result: { code: number; error?: Error }) => void;

/**
 * Makes a processor of the SDK.
 *
 * The constructors took the exporter and the settings one after the other, and take one object
 * today (logs since 0.220, spans since `@opentelemetry/sdk-trace`). What is handed over here is
 * both: an object with an exporter and settings that can export itself.
 */
export function makeProcessor(
  Class: ProcessorClass,
  exporter: AnyExporter,
  settings?: BatchSettings,
): Processor {
  const both = {
    ...settings,
    exporter,
    export: (records: readonly never[], callback: Callback) => {
      exporter.export(records, callback);
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
  return new Class(both, settings);
}
