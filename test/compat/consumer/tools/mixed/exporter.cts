import type { ExporterError, ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
import { ImmutableLogSpanExporter } from 'opentelemetry-exporter-immutablelog';

export function exporterOf(client: ImmutableLogClient): ImmutableLogSpanExporter {
  return new ImmutableLogSpanExporter({ client });
}

export function codeOf({ code }: ExporterError): string {
  return code;
}
