import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/config/options.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import type { ImmutableLogClient } from '../../src/index.ts';
import { ImmutableLogSpanExporter, ImmutableLogSpanProcessor } from '../../src/index.ts';
import { MODES } from '../support/modes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Store {
  readonly request: number;
}

const requests = new AsyncLocalStorage<Store>();
const event = { eventName: 'order.placed', payload: { order: 1 } };

type Handler = (emulator: Emulator) => unknown;

/** What a request may do with a client and with what stands on it. */
function handlersOf(client: ImmutableLogClient): Readonly<Record<string, Handler>> {
  const exporter = new ImmutableLogSpanExporter({ client });
  const simple = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const own = new BasicTracerProvider({
    spanProcessors: [new ImmutableLogSpanProcessor({ client })],
  });
  onTestFinished(async () => {
    await Promise.all([simple.shutdown(), own.shutdown()]);
  });
  return {
    'sendAsync()': () => {
      client.sendAsync(event);
    },
    'send()': () => client.send(event),
    'send() that is refused': (emulator) => {
      emulator.fail({ status: 400 });
      return client.send(event).catch(() => undefined);
    },
    'send() that is repeated': (emulator) => {
      emulator.fail({ status: 503 });
      return client.send(event);
    },
    'send() that is given up': (emulator) => {
      emulator.fail({ delayMs: 50, times: 2 });
      const ended = new AbortController();
      const sent = client.send(event, { signal: ended.signal }).catch(() => undefined);
      const others = client.send(event);
      ended.abort();
      return Promise.all([sent, others]);
    },
    'sendBatch()': () => client.sendBatch([event, event]),
    'flush() during a wait': async (emulator) => {
      emulator.fail({ status: 503 });
      client.sendAsync(event);
      await client.flush();
    },
    'resume()': () => {
      client.resume();
      client.sendAsync(event);
    },
    'a simple processor': () => {
      simple.getTracer('test').startSpan('request').end();
    },
    'our processor, and a flush': async () => {
      own.getTracer('test').startSpan('request').end();
      await own.forceFlush();
    },
  };
}

/** Serves a request; its store, unless something holds it, is gone afterwards. */
async function served(handle: () => unknown): Promise<WeakRef<Store>> {
  const store = { request: 0 };
  await requests.run(store, async () => {
    await handle();
  });
  return new WeakRef(store);
}

const PLACES = [...MODES, ['by a spool', {}]] as const satisfies readonly (readonly [
  string,
  ClientOptions,
])[];

function optionsFor(place: string, mode: ClientOptions): ClientOptions {
  return place === 'by a spool' ? { spool: { directory: temporaryFolder() } } : mode;
}

describe.each(PLACES)('the context of a request, %s', (place, mode) => {
  it('is no longer held once its events are settled', async () => {
    const emulator = await testEmulator();
    const options = { ...optionsFor(place, mode), concurrency: 2 };
    const handlers = handlersOf(testClient(emulator.url, options));
    const stores: [string, WeakRef<Store>][] = [];
    for (const [name, handle] of Object.entries(handlers)) {
      for (let count = 0; count < 5; count += 1) {
        stores.push([name, await served(() => handle(emulator))]);
      }
    }
    await expect.poll(() => emulator.events().length).toBeGreaterThanOrEqual(50);
    const alive = (): readonly string[] => {
      collectGarbage();
      return stores.filter(([, store]) => store.deref() !== undefined).map(([name]) => name);
    };
    await expect.poll(alive, { timeout: 3_000 }).toEqual([]);
  });

  it('is none of the callbacks: theirs is that in which the client was made', async () => {
    const emulator = await testEmulator();
    const seen = new Map<string, unknown>();
    const note = (name: string) => (): void => void seen.set(name, requests.getStore());
    const client = requests.run({ request: -1 }, () =>
      testClient(emulator.url, {
        ...optionsFor(place, mode),
        apiKey: () => {
          note('apiKey')();
          return TEST_KEY;
        },
        onReceipt: note('onReceipt'),
        onDrop: note('onDrop'),
        onQuarantine: note('onDrop'),
      }),
    );
    await requests.run({ request: 1 }, async () => {
      await client.send(event);
      emulator.fail({ status: 400 });
      client.sendAsync(event);
      await client.flush();
    });
    const made = { request: -1 };
    expect(Object.fromEntries(seen)).toEqual({ apiKey: made, onReceipt: made, onDrop: made });
    await requests.run({ request: 2 }, async () => {
      const closed = client.close();
      seen.clear();
      client.sendAsync(event);
      client.sendAsync({ ...event, eventName: '' });
      await closed;
    });
    expect(Object.fromEntries(seen)).toEqual({ onDrop: made });
  });
});
