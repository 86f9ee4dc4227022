import { describe } from 'vitest';
import { FetchDispatcher } from '../../src/delivery/http/fetch.ts';
import { createDispatcher } from '../../src/delivery/http/transport.ts';
import { dispatcherContract } from './dispatcher-contract.ts';

const proxy = { kind: 'none' } as const;

describe('the pool of undici', () => {
  const rest = { proxy, timeoutMs: 10_000, concurrency: 8, dispatcher: undefined };
  dispatcherContract((endpoint) => createDispatcher({ endpoint, ...rest }));
});

describe('the global fetch', () => {
  dispatcherContract((endpoint) => ({
    dispatcher: new FetchDispatcher({ endpoint, proxy }),
    close: () => Promise.resolve(),
  }));
});
