import type { ExporterOptions, SendResult } from 'opentelemetry-exporter-immutablelog';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
  isExporterError,
} from 'opentelemetry-exporter-immutablelog';
import type { Emulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { flush } from 'opentelemetry-exporter-immutablelog/register';

const options: ExporterOptions = { apiKey: 'key', spans: 'entry' };
const client: ImmutableLogClient = new ImmutableLogClient({ apiKey: 'key' });

/** What a consumer writes, whatever its files become. */
export const exporters: readonly object[] = [
  new ImmutableLogSpanExporter({ client, spans: 'all' }),
  new ImmutableLogLogRecordExporter(options),
];
export const results: Promise<SendResult[]> = client.sendBatch([{ eventName: 'a.b', payload: 1 }]);
export const emulator: Promise<Emulator> = createEmulator();
export const flushed: Promise<boolean> = flush();
export const known: boolean = isExporterError(undefined);
// @ts-expect-error -- the declarations are read: this is no client
export const broken: object = new ImmutableLogSpanExporter({ client: {} });
