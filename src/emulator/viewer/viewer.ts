import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ledger } from '../ledger.ts';
import { SECURITY_HEADERS, isLoopbackHost } from './access.ts';
import { findAsset } from './assets.ts';
import { createEventStream } from './event-stream.ts';

/** The page at `/` that shows a ledger, and what it is made of under `/viewer/`. */
export interface Viewer {
  /** Answers a request for the page; `false` when the request is none and is still unanswered. */
  answer(message: IncomingMessage, response: ServerResponse): boolean;
  /** Says that the ledger has grown. */
  wake(): void;
}

const STREAM_PATH = '/viewer/events';

/** Creates the viewer of one ledger; it reads and never writes. */
export function createViewer(ledger: Pick<Ledger, 'after'>): Viewer {
  const stream = createEventStream(ledger);
  return {
    answer(message, response) {
      if (message.method !== 'GET' && message.method !== 'HEAD') return false;
      const [path = ''] = (message.url ?? '').split('?', 1);
      const asset = path === STREAM_PATH ? undefined : findAsset(path);
      if (asset === undefined && path !== STREAM_PATH) return false;
      if (!isLoopbackHost(message.headers.host)) {
        respond(response, 403, { contentType: 'text/plain', text: 'The host must be loopback.\n' });
      } else if (asset !== undefined) respond(response, 200, asset);
      else openStream(message, response);
      return true;
    },
    wake: () => {
      stream.wake();
    },
  };

  function openStream(message: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream' });
    if (message.method === 'HEAD') {
      response.end();
      return;
    }
    const query = new URL(message.url ?? '', 'http://localhost').searchParams;
    const header = message.headers['last-event-id'];
    stream.open(response, typeof header === 'string' ? header : (query.get('after') ?? undefined));
  }
}

function respond(
  response: ServerResponse,
  status: number,
  asset: { readonly contentType: string; readonly text: string },
): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': asset.contentType,
    'content-length': Buffer.byteLength(asset.text),
  });
  response.end(asset.text);
}
