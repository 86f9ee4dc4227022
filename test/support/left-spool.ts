import { join } from 'node:path';
import { expect } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { expectBalance } from './balance.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { testClient } from './test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

function event(index: number, eventName = 'order.placed') {
  return {
    eventName,
    idempotencyKey: `key-${index}`,
    payload: { index, customer_email: 'ana@example.com' },
  };
}

/**
 * The spool of a service that ended in an outage, with five events on disk and one in quarantine.
 * The ledger goes on failing until it is healed.
 */
export async function leftSpool(emulator: Emulator): Promise<string> {
  const directory = join(temporaryFolder(), 'spool');
  const client = testClient(emulator.url, { spool: { directory } });
  const refuse = { status: 422, body: '{"ok":false,"reason":"unknown trail"}', ...ALWAYS };
  emulator.fail({ ...refuse, when: ({ body }) => body.includes('poison') });
  await client.record(event(0, 'poison'));
  await expect.poll(() => client.stats().quarantined, { interval: 5 }).toBe(1);
  emulator.fail({ status: 503, ...ALWAYS });
  await Promise.all([1, 2, 3, 4, 5].map((index) => client.record(event(index))));
  await client.close();
  expectBalance(client.stats());
  return directory;
}
