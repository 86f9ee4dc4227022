import type { Ledger } from '../ledger.ts';
import { findAsset } from './page.ts';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Names by which a browser on this machine reaches the emulator, without the port. */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Whether a `Host` header names this machine.
 *
 * A page of another site can have its own name resolve to 127.0.0.1 and would then be of the same
 * origin as the viewer (DNS rebinding); its requests still carry its name here.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_HOST.test(host);
}

/**
 * Headers of every answer of the viewer. The page may load its own files and nothing else, holds no
 * inline script or style, is in no frame, and can turn no text into markup.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Sends the ledger to every open page as server-sent events.
 *
 * - A page gets every entry once and in order: those that are there, then each new one.
 * - A page that comes back says how far it got and goes on there; after a restart of the emulator
 *   it starts anew and is told so.
 * - A slow page is waited for. What it has not read yet stays in the ledger, not in a buffer.
 */
export interface EventStream {
  /** Opens the stream of one page. */
  open(response: ServerResponse, lastEventId: string | undefined): void;
  /** Says that the ledger has grown. */
  wake(): void;
}

/** Entries in one message: few enough that a page stays quick, many enough for 10,000 in a second. */
const BATCH_ENTRIES = 200;
/** A burst of events becomes one message per page and interval. */
const GATHER_MS = 40;
const RECONNECT_MS = 1_000;

/** Creates the streams of one ledger. */
export function createEventStream(ledger: Pick<Ledger, 'after'>): EventStream {
  const instance = randomUUID();
  const pumps = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return {
    open(response, lastEventId) {
      const start = positionIn(lastEventId, instance);
      response.write(`retry: ${RECONNECT_MS}\nevent: from\ndata: ${start}\n\n`);
      const pump = createPump(response, { ledger, instance, start });
      pumps.add(pump);
      response.once('close', () => pumps.delete(pump));
      pump();
    },
    wake() {
      if (pumps.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const pump of pumps) pump();
      }, GATHER_MS).unref();
    },
  };
}

function createPump(
  response: ServerResponse,
  from: {
    readonly ledger: Pick<Ledger, 'after'>;
    readonly instance: string;
    readonly start: number;
  },
): () => void {
  let position = from.start;
  let isBlocked = false;
  const pump = (): void => {
    while (!isBlocked && !response.destroyed) {
      const entries = from.ledger.after(position, BATCH_ENTRIES);
      if (entries.length === 0) return;
      position += entries.length;
      const message = `id: ${from.instance}:${position}\ndata: ${JSON.stringify(entries)}\n\n`;
      isBlocked = !response.write(message);
    }
  };
  response.on('drain', () => {
    isBlocked = false;
    pump();
  });
  return pump;
}

/** How many entries a page has already; 0 when it has those of another emulator, or none. */
function positionIn(lastEventId: string | undefined, instance: string): number {
  const position = lastEventId?.startsWith(`${instance}:`)
    ? lastEventId.slice(instance.length + 1)
    : '0';
  return /^\d{1,15}$/.test(position) ? Number(position) : 0;
}

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
