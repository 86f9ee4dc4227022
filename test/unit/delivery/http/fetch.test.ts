import { describe, expect, it } from 'vitest';
import type { ProxyChoice } from '../../../../src/config/proxy.ts';
import { requireEndpoint } from '../../../../src/config/values.ts';
import { FetchDispatcher } from '../../../../src/delivery/http/fetch.ts';
import { HttpTransport } from '../../../../src/delivery/http/transport.ts';
import { TokenSource } from '../../../../src/delivery/token-source.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { wireRequest } from '../../../support/requests.ts';
import { sendContext } from '../../../support/send-context.ts';
import { sent } from '../../../support/sent.ts';

const LEDGER = requireEndpoint('http://ledger.test', true);
const PROXY: ProxyChoice = { kind: 'proxy', url: 'http://proxy.test:8080/' };

interface AskedFor {
  readonly proxy?: unknown;
  readonly signal?: unknown;
}

/** A `fetch` that is answered at once, and remembers which requests were made by which proxy. */
function fakeFetch({ takesProxy }: { takesProxy: boolean }) {
  const proxies: unknown[] = [];
  const send: typeof fetch = (_url, init) => {
    const { signal, ...given }: AskedFor = takesProxy ? { ...init } : { signal: init?.signal };
    if (signal instanceof AbortSignal && signal.aborted) return Promise.reject(new Error('ended'));
    proxies.push(given.proxy);
    return Promise.resolve(new Response('{"ok":true}', { status: 202 }));
  };
  return { send, proxies };
}

function transportBy(proxy: ProxyChoice, send: typeof fetch, headers = {}): HttpTransport {
  const clock = manualClock();
  return new HttpTransport({
    dispatcher: new FetchDispatcher({ endpoint: LEDGER, proxy }, send),
    endpoint: LEDGER,
    headers,
    tokens: new TokenSource(() => 'key', clock),
    clock,
    timeoutMs: 10_000,
  });
}

describe('a fetch that takes a proxy with each request', () => {
  it('is told the one that was chosen', async () => {
    const { send, proxies } = fakeFetch({ takesProxy: true });
    const outcome = await sent(transportBy(PROXY, send), wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'accepted' });
    expect(proxies).toEqual([PROXY.url]);
  });

  it('is told to take none where none was chosen, whatever it reads in the environment', async () => {
    const { send, proxies } = fakeFetch({ takesProxy: true });
    await sent(transportBy({ kind: 'none' }, send), wireRequest(), sendContext());
    expect(proxies).toEqual([false]);
  });
});

describe('a fetch that knows no proxies', () => {
  it('sends nothing past the proxy that is set, and says why', async () => {
    const { send, proxies } = fakeFetch({ takesProxy: false });
    const outcome = await sent(transportBy(PROXY, send), wireRequest(), sendContext());
    expect(outcome).toEqual({
      kind: 'misconfigured',
      failure: { detail: 'the proxy cannot be used without undici', status: undefined },
    });
    expect(proxies).toEqual([]);
  });

  it('sends where no proxy is set', async () => {
    const { send } = fakeFetch({ takesProxy: false });
    const outcome = await sent(transportBy({ kind: 'none' }, send), wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'accepted' });
  });
});

describe('any fetch', () => {
  it('gets the encoding that the option headers asks for, once', async () => {
    const asked: (string | null)[] = [];
    const send: typeof fetch = (url, init) => {
      asked.push(new Request(url, init).headers.get('accept-encoding'));
      return Promise.resolve(new Response('', { status: 202 }));
    };
    const none: ProxyChoice = { kind: 'none' };
    await sent(transportBy(none, send), wireRequest(), sendContext());
    await sent(
      transportBy(none, send, { 'Accept-Encoding': 'gzip' }),
      wireRequest(),
      sendContext(),
    );
    expect(asked).toEqual(['identity', 'gzip']);
  });

  it('costs one event, and throws nothing, where it throws itself', async () => {
    const send = (): never => {
      throw new TypeError('not today');
    };
    const transport = transportBy({ kind: 'none' }, send);
    const outcome = await sent(transport, wireRequest(), sendContext());
    expect(outcome).toMatchObject({ kind: 'retryable', failure: { detail: 'network error' } });
  });
});
