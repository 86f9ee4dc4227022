import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import { BUN, describeOn } from '../support/runtimes.ts';
import { TEST_KEY } from '../support/test-client.ts';
import { clientSuite } from './runtime-suites.ts';

const FIXTURE = 'test/process/fixtures/runtime-client.js';

/** A proxy that answers each request itself, and remembers what it was asked for. */
async function answeringProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      asked.push(head.toString().split(' HTTP/')[0] ?? '');
      socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\n\r\n{"ok":true}');
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  // An address of a listening TCP server is never a path.
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

describeOn([BUN], 'the client', clientSuite);

describeOn([BUN], 'the way to the ledger', (run) => {
  it('goes through the proxy that HTTP_PROXY names, and not to loopback', async () => {
    await using ledger = await createEmulator({ apiKey: TEST_KEY });
    const proxy = await answeringProxy();
    const env = { IMTBL_API_KEY: TEST_KEY, HTTP_PROXY: proxy.url, NO_PROXY: '' };
    const args = ['send', '{}'];
    const near = await run(FIXTURE, { args, env: { ...env, IMTBL_URL: ledger.url } });
    expect(JSON.parse(near.out)).toMatchObject({ stats: { accepted: 1 } });
    expect(proxy.asked).toEqual([]);
    const url = 'http://ledger.test';
    const far = { ...env, IMTBL_URL: url, IMTBL_ALLOW_INSECURE: '1' };
    const result = await run(FIXTURE, { args, env: far });
    expect(JSON.parse(result.out)).toMatchObject({ stats: { accepted: 1 } });
    expect(proxy.asked).toEqual([`POST ${url}/v1/events`]);
  });

  it('takes no dispatcher that cannot send, and says so', async () => {
    const { exit, out } = await run('test/process/fixtures/runtime-dispatcher.js');
    const error = { code: 'config_invalid', message: 'dispatcher must have the method dispatch()' };
    expect({ exit, told: JSON.parse(out) }).toEqual({ exit: 0, told: error });
  });
});
