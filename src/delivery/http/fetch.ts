import type { ClientConfig } from '../../config/resolve.ts';
import { refuseConfig } from '../../errors.ts';

/** A request as undici's dispatchers take it, as far as there is something to tell. */
export interface PostOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: 'POST';
  /** Names and values by turns. */
  readonly headers: string[];
  readonly body: Uint8Array;
}

/** Breaks a request off. */
export interface RequestController {
  abort(reason: Error): void;
}

/** Told of what comes of a request, as undici's dispatchers tell it. */
export interface AnswerHandler {
  onRequestStart(controller: RequestController): void;
  onResponseStart(
    controller: RequestController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void;
  onResponseData(controller: RequestController, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: RequestController, error: Error): void;
}

/** What is asked of a dispatcher of undici, or of what stands in its place. */
export interface HttpDispatcher {
  dispatch(options: PostOptions, handler: AnswerHandler): unknown;
}

/** What `fetch` is given; `proxy` is an addition of Bun. */
interface Init extends RequestInit {
  readonly proxy: string | false;
}

/**
 * A dispatcher over the global `fetch`, for where undici has none.
 *
 * - Which proxy is taken is said with each request: `fetch` would read the variables in its own way,
 *   and send a request to loopback through a proxy too.
 * - Where `fetch` knows no proxies and one is set, nothing is sent past it.
 * - A request under way holds the process: `fetch` gives no hand on its socket.
 */
export class FetchDispatcher implements HttpDispatcher {
  readonly #fetch: typeof fetch;
  readonly #proxy: string | false;
  readonly #goesPast: boolean;

  constructor(
    { endpoint, proxy }: Pick<ClientConfig, 'endpoint' | 'proxy'>,
    send: typeof fetch = fetch,
  ) {
    this.#fetch = send;
    this.#proxy = proxy.kind === 'proxy' ? proxy.url : false;
    this.#goesPast = this.#proxy !== false && !takesProxy(send, endpoint.origin);
  }

  dispatch({ origin, path, method, headers, body }: PostOptions, handler: AnswerHandler): void {
    if (this.#goesPast) refuseConfig('the proxy cannot be used without undici');
    const controller = new AbortController();
    handler.onRequestStart(controller);
    const init: Init = {
      method,
      headers: headersOf(headers),
      // Its type might be a view of shared memory, which fetch refuses.
      body: new Uint8Array(body),
      redirect: 'manual',
      proxy: this.#proxy,
      signal: controller.signal,
    };
    const send = this.#fetch;
    follow(send(origin + path, init), controller, handler).catch((error: unknown) => {
      handler.onResponseError(controller, causeOf(error));
    });
  }
}

async function follow(
  answer: Promise<Response>,
  controller: AbortController,
  handler: AnswerHandler,
): Promise<void> {
  const { status, headers, body } = await answer;
  // The body comes decoded.
  const { 'content-encoding': _, ...told } = Object.fromEntries(headers);
  handler.onResponseStart(controller, status, told);
  const reader = body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece?.value === undefined) break;
    const { buffer, byteOffset, byteLength } = piece.value;
    // Where that is enough, the request is broken off, and with it what is read here.
    handler.onResponseData(controller, Buffer.from(buffer, byteOffset, byteLength));
  }
  handler.onResponseEnd();
}

function headersOf(flat: readonly string[]): Headers {
  // As from undici, which asks for no compression: what is read is bounded.
  const headers = new Headers({ 'accept-encoding': 'identity' });
  for (let at = 0; at < flat.length; at += 2) headers.set(flat[at] ?? '', flat[at + 1] ?? '');
  return headers;
}

/** What went wrong below, where `fetch` says no more than that it failed. */
function causeOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('fetch failed');
  return error.cause instanceof Error ? error.cause : error;
}

/** Whether `fetch` looks at the option `proxy`; found out by a request that is never made. */
function takesProxy(send: typeof fetch, url: string): boolean {
  let asked = false;
  const init = {
    signal: AbortSignal.abort(),
    get proxy(): undefined {
      asked = true;
      return undefined;
    },
  };
  send(url, init).catch(() => {});
  return asked;
}
