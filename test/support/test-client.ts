import { onTestFinished } from 'vitest';
import { ImmutableLogClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/config/options.ts';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';

/** A key as the ledger gives them out. */
export const TEST_KEY = 'iml_live_test_0123456789abcdef';

/** An emulator that ends with the test. */
export async function testEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await createEmulator({ apiKey: TEST_KEY, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A client that ends with the test; it repeats at once, so that faults take no time. */
export function testClient(url: string, options: ClientOptions = {}): ImmutableLogClient {
  const client = new ImmutableLogClient({
    apiKey: TEST_KEY,
    url,
    service: 'test-service',
    env: 'test',
    timeoutMs: 20_000,
    retry: { initialDelayMs: 5, maxDelayMs: 20 },
    shutdownTimeoutMs: 250,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A {@link testClient} that delivers in one of the modes. */
export function clientIn(mode: ClientOptions): typeof testClient {
  return (url, options) => testClient(url, { ...mode, ...options });
}
