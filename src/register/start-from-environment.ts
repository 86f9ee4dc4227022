import { isExporterError } from '../errors.ts';
import { announce } from '../runtime/announce.ts';
import { OWN_BATCHES, batchSettings } from './defaults.ts';
import { asksForLogger, takeVoiceBack } from './diag-logger.ts';
import type { ExporterList } from './exporter-list.ts';
import { readExporterList } from './exporter-list.ts';
import { loadInstrumentations } from './instrumentations.ts';
import { makeProcessor } from './make-processor.ts';
import { otherProcessors } from './other-exporters.ts';
import type { Processor, SdkOptions } from './sdk-types.ts';
import type { StartContext, Started } from './started.ts';

interface Wishes {
  readonly span: ExporterList;
  readonly log: ExporterList;
}

/** Our processors, by signal. Without a usable key there are none, and a sentence says so. */
function ownProcessors(
  wishes: Wishes,
  { own, sdk, env }: StartContext,
): Record<'span' | 'log', Processor[]> {
  const { BatchSpanProcessor, BatchLogRecordProcessor } = sdk.processors;
  const made: Record<'span' | 'log', Processor[]> = { span: [], log: [] };
  try {
    if (wishes.span.ours) {
      const settings = batchSettings('OTEL_BSP', OWN_BATCHES, env);
      made.span.push(makeProcessor(BatchSpanProcessor, own.create('span', {}), settings));
    }
    if (wishes.log.ours) {
      const settings = batchSettings('OTEL_BLRP', OWN_BATCHES, env);
      made.log.push(makeProcessor(BatchLogRecordProcessor, own.create('log', {}), settings));
    }
  } catch (error) {
    if (!isExporterError(error)) throw error;
    announce('warn', `nothing is sent to ImmutableLog, the application runs on: ${error.message}`);
  }
  return made;
}

function summaryOf(
  made: Record<'span' | 'log', Processor[]>,
  wishes: Wishes,
  rest: string,
): string {
  const signals = [
    ...(made.span.length > 0 ? ['spans'] : []),
    ...(made.log.length > 0 ? ['log records'] : []),
  ];
  const others = [...new Set([...wishes.span.others, ...wishes.log.others])];
  return [
    signals.length > 0 ? `sends ${signals.join(' and ')}` : 'sends nothing itself',
    rest,
    ...(others.length > 0 ? [`other exporters: ${others.join(', ')}`] : []),
  ].join('; ');
}

/** Starts `NodeSDK` as the `OTEL_*` and `IMTBL_*` variables say. */
export function startFromEnvironment(context: StartContext): Started | undefined {
  const { env, sdk, own, loader } = context;
  const wishes: Wishes = {
    span: readExporterList(env['OTEL_TRACES_EXPORTER']),
    log: readExporterList(env['OTEL_LOGS_EXPORTER']),
  };
  const made = ownProcessors(wishes, context);
  const spanProcessors = [
    ...made.span,
    ...otherProcessors(wishes.span.others, { signal: 'span', sdk, env }),
  ];
  const logRecordProcessors = [
    ...made.log,
    ...otherProcessors(wishes.log.others, { signal: 'log', sdk, env }),
  ];
  const processors = [...spanProcessors, ...logRecordProcessors];
  if (processors.length === 0) return undefined;
  const cores = own.cores();
  const origin = cores[0]?.config.endpoint.origin;
  const { list, summary } = loadInstrumentations(loader, env, origin);
  const options: SdkOptions = {
    spanProcessors,
    logRecordProcessors,
    instrumentations: list,
    // The SDK's own default sends metrics to a collector, which nobody asked for.
    ...((env['OTEL_METRICS_EXPORTER'] ?? '').trim() === '' ? { metricReaders: [] } : {}),
  };
  if (asksForLogger(env)) takeVoiceBack();
  const node = new sdk.node.NodeSDK(options);
  node.start();
  return { sdk: node, processors, cores, summary: summaryOf(made, wishes, summary) };
}
