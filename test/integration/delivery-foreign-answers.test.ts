import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient } from '../support/test-client.ts';

const event = { eventName: 'payment.captured', payload: { amount: 9_900 } };

/** A server that answers each request with these bytes. */
async function serverOf(answer: Buffer | (() => Buffer)): Promise<string> {
  const server = createServer((socket) => {
    let request = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      request += chunk.toString('latin1');
      if (!request.endsWith('}')) return;
      request = '';
      socket.write(typeof answer === 'function' ? answer() : answer);
    });
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  // An address of a listening TCP server is never a path.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(status: string, headers: readonly string[], body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const length = status.startsWith('204') ? [] : [`content-length: ${bytes.byteLength}`];
  const head = [`HTTP/1.1 ${status}`, ...headers, ...length, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}

const PAGE = '<!DOCTYPE html><title>Sign in</title>';

describe('a success that the ledger did not give', () => {
  it.each([
    ['an HTML page', answer('200 OK', ['content-type: text/html'], PAGE)],
    ['a page without a type', answer('200 OK', [], `\n${PAGE}`)],
    ['a page in gzip', answer('200 OK', ['content-encoding: gzip'], gzipSync(PAGE))],
    ['a page in brotli', answer('200 OK', ['content-encoding: br'], brotliCompressSync(PAGE))],
    ['a page above 64 KiB', answer('202 Accepted', [], PAGE + ' '.repeat(200_000))],
    ['a proxy that wants a login', answer('407 Proxy Authentication Required', [])],
    [
      'an unasked 101',
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
    [
      'an unasked 100 Continue',
      Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), answer('202 OK', [], '{}')]),
    ],
  ])('stops the traffic as misconfigured: %s', async (_what, bytes) => {
    const client = testClient(await serverOf(bytes), { deadlineMs: 400 });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(client.stats()).toMatchObject({ accepted: 0, halted: 'misconfigured' });
  });

  it('refuses the one event that it calls not ok', async () => {
    const client = testClient(await serverOf(answer('200 OK', [], '{"ok":false,"reason":"no"}')));
    await expect(client.send(event)).rejects.toMatchObject({ code: 'rejected', status: 200 });
    expect(client.stats()).toMatchObject({ accepted: 0, halted: undefined });
  });

  it.each([
    ['202 with nothing', answer('202 Accepted', [])],
    ['204', answer('204 No Content', [])],
    ['an empty object', answer('202 Accepted', [], '{}')],
    ['JSON in gzip', answer('202 Accepted', ['content-encoding: gzip'], gzipSync('{"ok":true}'))],
    [
      'early hints before it',
      Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'), answer('202 OK', [], '{}')]),
    ],
    [
      'a 102 before it',
      Buffer.concat([Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'), answer('202 OK', [], '{}')]),
    ],
  ])('is none where the ledger says little: %s', async (_what, bytes) => {
    const client = testClient(await serverOf(bytes));
    await expect(client.send(event)).resolves.toMatchObject({ duplicate: false });
  });
});

describe.each([
  ['on this thread', false],
  ['in a worker', true],
])('a page in place of the ledger, with a spool, %s', (_where, worker) => {
  it('leaves events on disk, from where they go out once the ledger answers', async () => {
    let pages = 0;
    let ledgerIsBack = false;
    const url = await serverOf(() => {
      if (ledgerIsBack) return answer('202 Accepted', [], '{"ok":true}');
      pages += 1;
      return answer('200 OK', ['content-type: text/html'], PAGE);
    });
    const client = testClient(url, { worker, spool: { directory: temporaryFolder() } });
    await expect(client.send(event)).rejects.toMatchObject({ code: 'unauthorized', status: 200 });
    expect(pages).toBeGreaterThan(0);
    expect(client.stats()).toMatchObject({ accepted: 0, spool: { events: 1 } });
    ledgerIsBack = true;
    client.resume();
    await expect.poll(() => client.stats().accepted).toBe(1);
    expect(client.stats()).toMatchObject({ halted: undefined, spooled: 0, quarantined: 0 });
    await expect.poll(() => client.stats().spool?.events).toBe(0);
  });
});
