import type { FoundModule, ModuleLoader } from './modules.ts';
import { loaderFrom } from './modules.ts';
import type { Processors, SdkNode } from './sdk-types.ts';

/** The SDK of the application. */
export interface LoadedSdk {
  readonly node: SdkNode;
  readonly processors: Processors;
  /** Finds what the SDK itself depends on, such as the OTLP exporters. */
  readonly own: ModuleLoader;
}

/** The SDK, or why there is none, in one sentence. */
export type SdkSearch =
  | { readonly ok: true; readonly sdk: LoadedSdk }
  | { readonly ok: false; readonly why: string };

const NAME = '@opentelemetry/sdk-node';

function hasAll<T extends object>(
  exports: object,
  names: readonly (keyof T & string)[],
): exports is T {
  return names.every((name) => typeof Reflect.get(exports, name) === 'function');
}

function take<T extends object>(
  module: FoundModule | undefined,
  names: readonly (keyof T & string)[],
): T | undefined {
  return module !== undefined && hasAll<T>(module.exports, names) ? module.exports : undefined;
}

type SpanParts = Pick<
  Processors,
  'BatchSpanProcessor' | 'SimpleSpanProcessor' | 'ConsoleSpanExporter'
>;
type LogParts = Omit<Processors, keyof SpanParts>;

/** Loads `@opentelemetry/sdk-node`, and the processors from the copy that it uses itself. */
export function loadSdk(loader: ModuleLoader): SdkSearch {
  const module = loader.load(NAME);
  if (module === undefined) {
    return { ok: false, why: `${NAME} is not installed (npm install ${NAME})` };
  }
  const own = loaderFrom(module);
  const node = take<SdkNode>(module, ['NodeSDK']);
  // The package changed its name within 2.x.
  const trace = own.load('@opentelemetry/sdk-trace') ?? own.load('@opentelemetry/sdk-trace-base');
  const spans = take<SpanParts>(trace, [
    'BatchSpanProcessor',
    'SimpleSpanProcessor',
    'ConsoleSpanExporter',
  ]);
  const logs = take<LogParts>(own.load('@opentelemetry/sdk-logs'), [
    'BatchLogRecordProcessor',
    'SimpleLogRecordProcessor',
    'ConsoleLogRecordExporter',
  ]);
  if (node === undefined || spans === undefined || logs === undefined) {
    return { ok: false, why: `${NAME} must be of version 0.200 or later` };
  }
  return { ok: true, sdk: { node, own, processors: processorsOf(spans, logs) } };
}

// The exports of a module are getters; a copy keeps the types and nothing else.
function processorsOf(spans: SpanParts, logs: LogParts): Processors {
  return {
    BatchSpanProcessor: spans.BatchSpanProcessor,
    SimpleSpanProcessor: spans.SimpleSpanProcessor,
    ConsoleSpanExporter: spans.ConsoleSpanExporter,
    BatchLogRecordProcessor: logs.BatchLogRecordProcessor,
    SimpleLogRecordProcessor: logs.SimpleLogRecordProcessor,
    ConsoleLogRecordExporter: logs.ConsoleLogRecordExporter,
  };
}
