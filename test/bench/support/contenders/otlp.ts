import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Exporter } from './sdk.ts';

/** OTLP/HTTP with JSON: a whole batch in one request. */
export function otlpJson(url: string): Exporter<ReadableSpan> {
  return new JsonExporter({ url: `${url}/v1/traces` });
}

/** OTLP/HTTP with protobuf. */
export function otlpProtobuf(url: string): Exporter<ReadableSpan> {
  return new ProtobufExporter({ url: `${url}/v1/traces` });
}

/** Takes every batch and does nothing: what is left is the price of making spans. */
export function discard(): Exporter<ReadableSpan> {
  return {
    export(_records, callback) {
      callback({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
}
