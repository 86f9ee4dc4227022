import { VERSION } from '../../version.ts';
import type { Ledger } from '../ledger.ts';
import type { RefusedRequest } from '../requests.ts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the viewer reads of a ledger; it never writes. */
type Entries = Pick<Ledger, 'after'>;

const STREAM_PATH = '/viewer/events';
const REFUSED_PATH = '/viewer/refused';

/** The newest requests that were not taken, oldest first, and how many there were in all. */
export interface Refused {
  readonly total: number;
  readonly requests: readonly RefusedRequest[];
}

/** The page at `/` that shows a ledger, and what it is made of under `/viewer/`. */
export class Viewer {
  readonly #stream: EventStream;
  readonly #isAllowedHost: (host: string | undefined) => boolean;
  readonly #refused: () => Refused;

  constructor(
    entries: Entries,
    isAllowedHost: (host: string | undefined) => boolean,
    refused: () => Refused,
  ) {
    this.#stream = new EventStream(entries);
    this.#isAllowedHost = isAllowedHost;
    this.#refused = refused;
  }

  /** Answers a request for the page; `false` when the request is none and is still unanswered. */
  answer(message: IncomingMessage, response: ServerResponse): boolean {
    if (message.method !== 'GET' && message.method !== 'HEAD') return false;
    const [path = ''] = (message.url ?? '').split('?', 1);
    const asset = path === REFUSED_PATH ? this.#listRefused() : readAsset(path);
    if (asset === undefined && path !== STREAM_PATH) return false;
    if (!this.#isAllowedHost(message.headers.host)) {
      const text = 'The host must be loopback, or one that --allow-host names.\n';
      respond(response, 403, { contentType: 'text/plain', text });
    } else if (asset !== undefined) respond(response, 200, asset);
    else this.#openStream(message, response);
    return true;
  }

  #listRefused(): Asset {
    return { contentType: 'application/json', text: JSON.stringify(this.#refused()) };
  }

  /** Says that the ledger has grown. */
  wake(): void {
    this.#stream.wake();
  }

  #openStream(message: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream' });
    if (message.method === 'HEAD') {
      response.end();
      return;
    }
    const query = new URL(message.url ?? '', 'http://localhost').searchParams;
    const header = message.headers['last-event-id'];
    const lastEventId = typeof header === 'string' ? header : (query.get('after') ?? undefined);
    this.#stream.open(response, lastEventId);
  }
}

/** One file of the page. */
interface Asset {
  readonly contentType: string;
  readonly text: string;
}

const ASSETS: ReadonlyMap<string, readonly [file: string, contentType: string]> = new Map([
  ['/', ['page.html', 'text/html; charset=utf-8']],
  ['/viewer/style.css', ['page.css', 'text/css; charset=utf-8']],
  ['/viewer/icon.svg', ['icon.svg', 'image/svg+xml']],
  ['/viewer/main.js', ['main.js', 'text/javascript; charset=utf-8']],
]);

/** No event is in any of them: the script puts them in as text. */
function readAsset(path: string): Asset | undefined {
  const [file = '', contentType = ''] = ASSETS.get(path) ?? [];
  if (file === '') return undefined;
  // The build puts all of them beside the script; in the sources, the script is still to be compiled.
  const text = readIfThere(`./browser/${file}`) ?? readIfThere(`./${file}`);
  return text === undefined
    ? undefined
    : { contentType, text: text.replace('{{version}}', VERSION) };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Headers of every answer of the viewer. The page may load its own files and nothing else, holds no
 * inline script or style, is in no frame, and can turn no text into markup.
 */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
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

function respond(response: ServerResponse, status: number, { contentType, text }: Asset): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Entries in one message: few enough that a page stays quick, many enough for 10,000 in a second. */
const BATCH_ENTRIES = 200;
/** A burst of events becomes one message per page and interval. */
const GATHER_MS = 40;
const RECONNECT_MS = 1_000;

/**
 * Sends the ledger to every open page as server-sent events.
 *
 * - A page gets every entry once and in order: those that are there, then each new one.
 * - A page that comes back says how far it got and goes on there; after a restart of the emulator
 *   it starts anew and is told so.
 * - A slow page is waited for. What it has not read yet stays in the ledger, not in a buffer.
 */
class EventStream {
  readonly #entries: Entries;
  /** Stands in the ids of events, so that those of another emulator are known for what they are. */
  readonly #instance = randomUUID();
  readonly #pumps = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** Opens the stream of one page. */
  open(response: ServerResponse, lastEventId: string | undefined): void {
    const start = this.#positionIn(lastEventId);
    response.write(`retry: ${RECONNECT_MS}\nevent: from\ndata: ${start}\n\n`);
    const pump = this.#pumpTo(response, start);
    this.#pumps.add(pump);
    response.once('close', () => this.#pumps.delete(pump));
    pump();
  }

  wake(): void {
    if (this.#pumps.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const pump of this.#pumps) pump();
    }, GATHER_MS).unref();
  }

  /** How many entries a page has already; 0 when it has those of another emulator, or none. */
  #positionIn(lastEventId = ''): number {
    const [instance, position = ''] = lastEventId.split(':', 2);
    return instance === this.#instance && /^\d{1,15}$/.test(position) ? Number(position) : 0;
  }

  #pumpTo(response: ServerResponse, start: number): () => void {
    let position = start;
    let isBlocked = false;
    const pump = (): void => {
      while (!isBlocked && !response.destroyed) {
        const entries = this.#entries.after(position, BATCH_ENTRIES);
        if (entries.length === 0) return;
        position += entries.length;
        const message = `id: ${this.#instance}:${position}\ndata: ${JSON.stringify(entries)}\n\n`;
        isBlocked = !response.write(message);
      }
    };
    response.on('drain', () => {
      isBlocked = false;
      pump();
    });
    return pump;
  }
}
