import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MakeContender } from './contender.ts';
import { discard, otlpJson, otlpProtobuf } from './otlp.ts';
import { ourClient, ourLogs, ourSpans } from './ours.ts';
import { axiosForm, guideForm } from './plain-http.ts';
import { rawSockets } from './raw-sockets.ts';
import { throughSpans } from './sdk.ts';

/** Options of a spool in a folder that goes with the process. */
function temporarySpool(): object {
  const directory = mkdtempSync(join(tmpdir(), 'bench-spool-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return { spool: { directory, maxBytes: 1 << 30 } };
}

/** Every contender by its name in the tables. */
export const CONTENDERS: Readonly<Record<string, MakeContender>> = {
  'spans, inline': (url) => ourSpans(url),
  'spans, worker': (url) => ourSpans(url, { worker: true }),
  'spans, spool': (url) => ourSpans(url, temporarySpool()),
  'log records, inline': (url) => ourLogs(url),
  'direct client': (url) => ourClient(url),
  'guide form (fetch)': guideForm,
  axios: axiosForm,
  'OTLP/JSON': (url) => throughSpans(otlpJson(url)),
  'OTLP/protobuf': (url) => throughSpans(otlpProtobuf(url)),
  'raw sockets': rawSockets,
  'no exporter': () => throughSpans(discard()),
};
