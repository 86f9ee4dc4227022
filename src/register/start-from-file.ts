import { trace } from '@opentelemetry/api';
import { isExporterError } from '../errors.ts';
import { optionsFromProperties } from '../exporters/component-provider.ts';
import { announce } from '../runtime/announce.ts';
import { providerBehind, replaceProcessor } from './adopt.ts';
import type { ConfigFile, OwnEntry } from './config-file.ts';
import { takeVoiceBack } from './diag-logger.ts';
import { loadInstrumentations } from './instrumentations.ts';
import { globalLoggerProvider } from './logs-line.ts';
import { makeProcessor } from './make-processor.ts';
import type { Processor } from './sdk-types.ts';
import type { StartContext, Started } from './started.ts';

interface OwnProcessor {
  readonly entry: OwnEntry;
  readonly processor: Processor;
}

function processorFor(entry: OwnEntry, { own, sdk }: StartContext): Processor {
  const exporter = own.create(entry.signal, optionsFromProperties(entry.properties));
  const { processors } = sdk;
  const [Batch, Simple] =
    entry.signal === 'span'
      ? [processors.BatchSpanProcessor, processors.SimpleSpanProcessor]
      : [processors.BatchLogRecordProcessor, processors.SimpleLogRecordProcessor];
  return entry.kind === 'simple'
    ? makeProcessor(Simple, exporter)
    : makeProcessor(Batch, exporter, entry.settings);
}

/** The processor of an entry that cannot be used: what the file says beside it still holds. */
const NOTHING: Processor & Readonly<Record<string, () => unknown>> = {
  onStart: () => undefined,
  onEnd: () => undefined,
  onEmit: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function makeProcessors(file: ConfigFile, context: StartContext): readonly OwnProcessor[] {
  return file.entries.map((entry) => {
    try {
      return { entry, processor: processorFor(entry, context) };
    } catch (error) {
      if (!isExporterError(error)) throw error;
      announce(
        'warn',
        `nothing is sent to ImmutableLog, the application runs on: ${error.message}`,
      );
      return { entry, processor: NOTHING };
    }
  });
}

function adopt({ entry, processor }: OwnProcessor): void {
  const provider =
    entry.signal === 'span'
      ? providerBehind(trace.getTracerProvider())
      : globalLoggerProvider(globalThis);
  if (replaceProcessor(provider, entry.index, processor)) return;
  announce(
    'warn',
    'this version of the SDK does not take the immutablelog entry of OTEL_CONFIG_FILE: leave the ' +
      'file out and use the OTEL_* variables',
  );
}

/**
 * Starts the SDK from its configuration file, with our exporters where the file names them.
 * Everything else in the file is the SDK's own business.
 */
export function startFromFile(
  file: ConfigFile | undefined,
  context: StartContext,
): Started | undefined {
  const { env, loader, sdk, own } = context;
  const { startNodeSDK } = sdk.node;
  if (startNodeSDK === undefined) {
    announce('warn', 'this version of the SDK does not read OTEL_CONFIG_FILE; nothing is set up');
    return undefined;
  }
  const made = file === undefined ? [] : makeProcessors(file, context);
  if (file?.entries.length === 0) {
    announce(
      'warn',
      'OTEL_CONFIG_FILE has no immutablelog exporter: nothing is sent by this package',
    );
  }
  const cores = own.cores();
  const { list, summary } = loadInstrumentations(loader, env, cores[0]?.config.endpoint.origin);
  const start = (): Started['sdk'] => startNodeSDK({ instrumentations: list });
  takeVoiceBack();
  const started = file === undefined ? start() : file.withPlaceholders(start);
  made.forEach(adopt);
  return {
    sdk: started,
    processors: made.map(({ processor }) => processor),
    cores,
    summary: `started from OTEL_CONFIG_FILE; ${summary}`,
  };
}
