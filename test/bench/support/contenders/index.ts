import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MakeContender } from './contender.ts';
import { discard, otlpJson, otlpProtobuf } from './otlp.ts';
import { ourClient, ourExporter, ourLogs, ourSpansDelivered } from './ours.ts';
import { axiosForm, guideForm } from './plain-http.ts';
import { rawSockets } from './raw-sockets.ts';
import type { Exporter } from './sdk.ts';
import { throughSpans } from './sdk.ts';

/** Options of a spool among the temporary files of the program. */
export function temporarySpool(): object {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'));
  return { spool: { directory, maxBytes: 1 << 30 } };
}

/** Every exporter that spans are given to, by its name in the tables. */
export const EXPORTERS: Readonly<Record<string, (url: string) => Exporter<ReadableSpan>>> = {
  'spans, inline': (url) => ourExporter(url),
  'spans, worker': (url) => ourExporter(url, { worker: true }),
  'spans, spool': (url) => ourExporter(url, temporarySpool()),
  'OTLP/JSON': otlpJson,
  'OTLP/protobuf': otlpProtobuf,
  'no exporter': discard,
};

/** The direct client by the number of its sockets. */
export const CLIENTS: Readonly<Record<string, MakeContender>> = Object.fromEntries(
  [8, 16, 32, 64].map((concurrency) => [
    `direct client, concurrency ${concurrency}`,
    (url: string) => ourClient(url, { concurrency }),
  ]),
);

/** Every contender by its name in the tables. */
export const CONTENDERS: Readonly<Record<string, MakeContender>> = {
  ...Object.fromEntries(
    Object.entries(EXPORTERS).map(([name, make]) => [
      name,
      (url: string) => throughSpans(make(url)),
    ]),
  ),
  ...CLIENTS,
  'spans, spool': (url) => ourSpansDelivered(url, temporarySpool()),
  'log records, inline': ourLogs,
  'direct client': (url) => ourClient(url),
  'guide form (fetch)': guideForm,
  axios: axiosForm,
  'raw sockets': rawSockets,
};
