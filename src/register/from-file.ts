import { optionsFromProperties } from '../exporters/component-provider.ts';
import { announce } from '../runtime/diagnostics.ts';
import { globalLoggerProvider, globalTracerProvider } from '../runtime/otel-globals.ts';
import type { OwnEntry } from './config-file.ts';
import { obstacleIn, readConfigFile } from './config-file.ts';
import type { Processor } from './sdk.ts';
import type { StartContext, Started } from './start.ts';
import { destinationOf, loadInstrumentations, makeOwn, removeDiagLogger } from './start.ts';

/**
 * Starts the SDK from its configuration file, with our exporters where the file names them.
 * Everything else in the file is the SDK's own business.
 *
 * The SDK (2.12 to 3.1) knows no exporter but its own in such a file. So it is given a copy with a
 * placeholder for each of our entries, and our processors take the places of those afterwards.
 *
 * @returns `undefined` when nothing was started, which has been said
 */
export function startFromFile(path: string, context: StartContext): Started | undefined {
  const { startNodeSDK } = context.sdk.node;
  if (startNodeSDK === undefined) {
    announce('warn', 'this version of the SDK does not read OTEL_CONFIG_FILE; nothing is set up');
    return undefined;
  }
  const file = readConfigFile(path, context.sdk.own);
  const obstacle = obstacleIn(file);
  if (obstacle !== undefined) announce('warn', obstacle);
  if (file.kind === 'refused' || file.disabled) return undefined;
  const made = file.entries.map((entry) => ({
    entry,
    processor: makeOwn(() => processorFor(entry, context)) ?? NOTHING,
  }));
  const { list, summary } = loadInstrumentations(context);
  const sdk = file.withPlaceholders(context.env, () => {
    removeDiagLogger();
    return startNodeSDK({ instrumentations: list });
  });
  const left = made.filter(({ entry, processor }) => !adopt(entry, processor));
  for (const { processor } of left) void processor.shutdown();
  const processors = made.filter((each) => !left.includes(each)).map((each) => each.processor);
  if (left.length === 0 || processors.length > 0) {
    const destination = destinationOf(context.own.cores());
    const started = `started from OTEL_CONFIG_FILE, sends ${destination}; ${summary}`;
    return { sdk, processors, summary: started };
  }
  // Where there is no provider at all, the SDK has said itself what it did not like.
  if (!left.some(({ entry }) => hasProvider(entry))) return undefined;
  announce('warn', NOT_TAKEN);
  return { sdk, processors, summary: undefined };
}

const NOT_TAKEN =
  'this version of the SDK does not take the immutablelog entry of OTEL_CONFIG_FILE, which sends ' +
  'nothing: leave the file out and use the OTEL_* variables';

/** What the entry says of batches is of no account: each record is taken as it comes. */
function processorFor(entry: OwnEntry, { own }: StartContext): Processor {
  return own.create(entry.signal, optionsFromProperties(entry.properties));
}

/** The processor of an entry that cannot be used: what the file says beside it still holds. */
const NOTHING: Processor & Readonly<Record<string, () => unknown>> = {
  onStart: () => undefined,
  onEnd: () => undefined,
  onEmit: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function adopt(entry: OwnEntry, processor: Processor): boolean {
  return replaceProcessor(providerFor(entry), entry.index, processor);
}

function providerFor({ signal }: OwnEntry): unknown {
  return signal === 'span' ? globalTracerProvider() : globalLoggerProvider();
}

function hasProvider(entry: OwnEntry): boolean {
  return typeof member(providerFor(entry), 'forceFlush') === 'function';
}

/**
 * Puts a processor in the place of a placeholder in a provider that the SDK made from a
 * configuration file.
 *
 * It takes processors nowhere but in the constructor of a provider, which it calls itself. The list
 * of processors is no part of its public interface; so its shape is checked, and the answer is
 * whether it was as expected.
 */
export function replaceProcessor(provider: unknown, index: number, processor: Processor): boolean {
  const list = processorList(provider);
  const placeholder = list?.[index];
  if (list === undefined || !isProcessor(placeholder)) return false;
  list[index] = processor;
  void placeholder.shutdown();
  return true;
}

const PATHS = [
  ['_activeSpanProcessor', '_spanProcessors'],
  ['_sharedState', 'activeProcessor', 'processors'],
];

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function processorList(provider: unknown): unknown[] | undefined {
  for (const path of PATHS) {
    const list = path.reduce(member, provider);
    if (isList(list)) return list;
  }
  return undefined;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isProcessor(value: unknown): value is Processor {
  return typeof member(value, 'shutdown') === 'function';
}
