import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExporterOptions } from 'opentelemetry-exporter-immutablelog';
import {
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
import { flush } from 'opentelemetry-exporter-immutablelog/register';

const options: ExporterOptions = { apiKey: 'key', spans: 'entry' };

/** Everything a consumer writes on SDK 2.x. */
export const sdk: NodeSDK = new NodeSDK({
  spanProcessors: [new BatchSpanProcessor(new ImmutableLogSpanExporter(options))],
  logRecordProcessors: [
    new BatchLogRecordProcessor({ exporter: new ImmutableLogLogRecordExporter(options) }),
  ],
});
export { createEmulator, flush };
