import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { ImmutableLogClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/config/options.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { WRONG_VALUES } from '../support/wrong-variables.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };

function clientOf(options: ClientOptions = {}): ImmutableLogClient {
  const client = new ImmutableLogClient({ deadlineMs: 300, shutdownTimeoutMs: 100, ...options });
  onTestFinished(() => client.close());
  return client;
}

const ROWS = [
  ['IMTBL_URL', 'http://emulator:4800'],
  ...['IMTBL_URL', 'IMTBL_API_KEY', 'HTTPS_PROXY'].flatMap((name) =>
    (WRONG_VALUES[name] ?? []).map((value) => [name, value]),
  ),
];

describe.each([
  ['on this thread', false],
  ['in a worker', true],
])('a variable that was set and cannot be read, %s', (_where, worker) => {
  it.each(ROWS)('sends nothing: %s=%j', async (name = '', value = '') => {
    vi.stubEnv('IMTBL_API_KEY', TEST_KEY);
    vi.stubEnv('IMTBL_URL', 'https://ledger.invalid');
    vi.stubEnv(name, value);
    const client = clientOf({ worker });
    const error: unknown = await client.send(event).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'config_invalid' });
    expect(String(error)).toContain(name);
    expect(String(error)).not.toContain(value);
    expect(client.stats()).toMatchObject({ accepted: 0, retries: 0, dropped: { unauthorized: 1 } });
  });
});

describe('what is withheld', () => {
  it('is told once, where people see it without any logger', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
    vi.stubEnv('IMTBL_ALLOW_INSECURE', 'perhaps');
    for (let made = 0; made < 3; made += 1)
      clientOf({ apiKey: TEST_KEY, url: 'http://127.0.0.1:1' });
    expect(warned.mock.calls.map(([sentence]) => sentence)).toEqual([
      'IMTBL_ALLOW_INSECURE is ignored: expected true or false',
    ]);
  });

  it('goes to disk by the strictest redaction where its rules cannot be read', async () => {
    vi.stubEnv('IMTBL_REDACT_RULES', 'no-such-file.json');
    const directory = temporaryFolder();
    const client = clientOf({ apiKey: TEST_KEY, spool: { directory } });
    await client.record({ eventName: 'a.b', payload: { order: 'order-4711' } });
    await client.close();
    const written = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(written.join('')).toContain('a.b');
    expect(written.join('')).not.toContain('order-4711');
  });

  it('stays in the spool', async () => {
    vi.stubEnv('IMTBL_URL', 'localhost:4800');
    const client = clientOf({ apiKey: TEST_KEY, spool: { directory: temporaryFolder() } });
    await client.record(event);
    await expect(client.send(event)).rejects.toMatchObject({ code: 'config_invalid' });
    expect(client.stats()).toMatchObject({ accepted: 0, parked: { unauthorized: 2 } });
  });

  it('is nothing where an option stands in the place of the variable', async () => {
    const emulator = await testEmulator();
    vi.stubEnv('IMTBL_URL', 'localhost:4800');
    vi.stubEnv('HTTP_PROXY', 'nonsense');
    const client = clientOf({ apiKey: TEST_KEY, url: emulator.url, deadlineMs: 20_000 });
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
  });

  it.each(['', '/', '/v1/events', '/v1/events/'])(
    'is nothing with a URL that ends with "%s"',
    async (end) => {
      const emulator = await testEmulator();
      vi.stubEnv('IMTBL_URL', `${emulator.url}${end}`);
      const client = clientOf({ apiKey: TEST_KEY, deadlineMs: 20_000 });
      await client.send(event);
      expect(emulator.requests().map(({ path }) => path)).toEqual(['/v1/events']);
    },
  );
});

describe('the path of a request', () => {
  it.each([
    ['', '/v1/events'],
    ['/audit', '/audit/v1/events'],
    ['/audit/', '/audit/v1/events'],
    ['/audit/v1/events', '/audit/v1/events'],
    ['/audit/v1/events/', '/audit/v1/events'],
    ['/audit//v1/events', '/audit/v1/events'],
    ['/v1', '/v1/v1/events'],
    ['/v1/events2', '/v1/events2/v1/events'],
  ])('after "%s" is %s', async (end, path) => {
    const emulator = await testEmulator();
    vi.stubEnv('IMTBL_URL', `${emulator.url}${end}`);
    const client = clientOf({ apiKey: TEST_KEY, deadlineMs: 20_000 });
    await client.sendBatch([event]);
    expect(emulator.requests().map((request) => request.path)).toEqual([path]);
  });
});

describe('a proxy', () => {
  it('that wants a login stops the traffic as misconfigured', async () => {
    const proxy = createServer();
    proxy.on('connect', (_request, socket) => {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    // An address of a listening TCP server is never a path.
    const { port } = proxy.address() as AddressInfo;
    vi.stubEnv('HTTPS_PROXY', `127.0.0.1:${port}`);
    const client = clientOf({ apiKey: TEST_KEY, url: 'https://ledger.test' });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'unauthorized', status: 407 });
  });

  it('named without a scheme is used, cleartext where IMTBL_ALLOW_INSECURE allows it', async () => {
    vi.stubEnv('IMTBL_ALLOW_INSECURE', '1');
    vi.stubEnv('IMTBL_URL', 'http://ledger.test');
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    // An address of a listening TCP server is never a path.
    vi.stubEnv('HTTP_PROXY', `127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await expect(clientOf({ apiKey: TEST_KEY }).send(event)).rejects.toMatchObject({ status: 403 });
    expect(asked).toEqual(['ledger.test:80']);
  });
});
