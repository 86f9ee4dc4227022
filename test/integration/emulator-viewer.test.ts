import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Emulator, createEmulator } from '../../src/emulator/index.ts';
import { VERSION } from '../../src/version.ts';
import { eventually } from '../support/eventually.ts';
import { HEADERS, headersWith, post, sampleBody } from '../support/sample-requests.ts';

async function emulate(): Promise<Emulator> {
  const emulator = await createEmulator();
  onTestFinished(() => emulator.close());
  return emulator;
}

async function seal(emulator: Emulator, first: number, last: number): Promise<void> {
  for (let n = first; n <= last; n += 1) {
    const headers = headersWith({ 'idempotency-key': `key-${n}` });
    await (await post(emulator.url, { headers })).arrayBuffer();
  }
}

/** `fetch` would not let a test name another host. */
async function get(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const sent = request(url, { headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  onTestFinished(() => {
    answer.destroy();
  });
  return answer;
}

interface Stream {
  readonly text: () => string;
  readonly sequences: () => readonly number[];
  readonly lastId: () => string;
}

async function follow(emulator: Emulator, headers?: Record<string, string>): Promise<Stream> {
  const answer = await get(`${emulator.url}/viewer/events`, headers);
  expect(answer.headers['content-type']).toBe('text/event-stream');
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  answer.on('error', () => undefined);
  const lines = (name: string): string[] => {
    // A message is whole when an empty line ends it.
    const whole = text.slice(0, text.lastIndexOf('\n\n') + 1).split('\n');
    return whole.flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []));
  };
  return {
    text: () => text,
    sequences: () =>
      lines('data: [').flatMap((line) =>
        (JSON.parse(`[${line}`) as { sequence: number }[]).map(({ sequence }) => sequence),
      ),
    lastId: () => lines('id: ').at(-1) ?? '',
  };
}

/** Answers a client gets who names the host so. */
async function statusOfPost(emulator: Emulator, host: string): Promise<number | undefined> {
  const headers = { ...HEADERS, host };
  const sent = request(`${emulator.url}/v1/events`, { method: 'POST', headers });
  const [answer] = (await once(sent.end(sampleBody()), 'response')) as [IncomingMessage];
  return answer.resume().statusCode;
}

/** Sends what is no HTTP request, and waits for the end of the connection. */
async function malformed(emulator: Emulator, text: string): Promise<void> {
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
  socket.end(text);
  socket.resume();
  await once(socket, 'close');
}

describe('the viewer', () => {
  it('is a page that may load its own files and nothing else', async () => {
    const answer = await fetch((await emulate()).url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await answer.text();
    expect(html).toContain(`emulator ${VERSION}<`);
    expect(html).not.toMatch(/<script(?![^>]* src="\/viewer\/)|<style| style=| on[a-z]+=|\/\//);
  });

  it.each(['/viewer/style.css', '/viewer/icon.svg'])('serves %s', async (path) => {
    const answer = await fetch((await emulate()).url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['/viewer', '/viewer/', '/viewer/none.js', '/viewer/..%2fviewer.js', '/favicon.ico'])(
    'has nothing at %s',
    async (path) => {
      const emulator = await emulate();
      expect((await get(emulator.url + path)).statusCode).toBe(404);
      expect(emulator.violations()).toEqual([]);
    },
  );

  it.each(['evil.example', 'evil.example:4390', '127.0.0.1.evil.example', 'localhost.evil', '.'])(
    'answers no request that names the host %j',
    async (host) => {
      const emulator = await emulate();
      await seal(emulator, 1, 1);
      for (const path of ['/', '/viewer/events', '/viewer/style.css']) {
        const answer = await get(emulator.url + path, { host });
        expect(answer.statusCode).toBe(403);
        expect(answer.headers['content-type']).toBe('text/plain');
      }
    },
  );

  it.each(['localhost', 'LOCALHOST:9', '127.0.0.1', '127.1.2.3:80', '[::1]:4390'])(
    'answers one that names the host %j',
    async (host) => {
      expect((await get((await emulate()).url, { host })).statusCode).toBe(200);
    },
  );

  describe('on all addresses, as in a container', () => {
    async function emulateFor(...allowHosts: readonly string[]): Promise<Emulator> {
      const emulator = await createEmulator({ host: '0.0.0.0', allowHosts });
      onTestFinished(() => emulator.close());
      return emulator;
    }

    it.each(['emulator', 'EMULATOR:4800', 'ledger.internal:9', 'localhost:4800', '[::1]:4800'])(
      'shows the page under the name %j, which is loopback or was allowed',
      async (host) => {
        const { url } = await emulateFor('Emulator', 'ledger.internal');
        expect((await get(url, { host })).statusCode).toBe(200);
      },
    );

    it.each([
      ['other', 403],
      ['emulator.evil.example', 403],
      ['xemulator', 403],
      ['0.0.0.0:4800', 202],
      ['192.168.0.7', 202],
      ['[fd00::7]:4800', 202],
      ['emulator:4800', 202],
    ])(
      'answers a client that names the host %j with %d, and shows it no page',
      async (host, status) => {
        const emulator = await emulateFor('emulator');
        expect(await statusOfPost(emulator, host)).toBe(status);
        expect(emulator.events()).toHaveLength(status === 202 ? 1 : 0);
        if (host.startsWith('emulator:')) return;
        for (const path of ['/', '/viewer/events', '/viewer/refused']) {
          expect((await get(emulator.url + path, { host })).statusCode).toBe(403);
        }
      },
    );
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io:80',
    '192.168.0.7',
    '[fd00::7]',
  ])(
    'takes nothing from a page of another site whose name %j leads here, and remembers that',
    async (host) => {
      const emulator = await emulate();
      expect(await statusOfPost(emulator, host)).toBe(403);
      expect(emulator.events()).toEqual([]);
      const refusal = 'host must be loopback, or one that --allow-host names';
      expect(emulator.requests()).toMatchObject([{ status: 403, refusal }]);
      expect(emulator.violations()).toMatchObject([{ status: 403, reason: refusal }]);
    },
  );

  it('tells what was not taken, without what is in it', async () => {
    const emulator = await createEmulator({ apiKey: 'iml_live_right' });
    onTestFinished(() => emulator.close());
    const right = headersWith({ authorization: 'Bearer iml_live_right' });
    await post(emulator.url);
    await post(emulator.url, { headers: right, body: '{"payload":"secret","meta":{"type":7}}' });
    emulator.fail([{ status: 503 }, { reset: 'before' }]);
    await post(emulator.url, { headers: right });
    await post(emulator.url, { headers: right }).catch(() => undefined);
    await post(emulator.url, { headers: right });
    await malformed(emulator, 'NO HTTP AT ALL\r\n\r\n');
    await malformed(emulator, `GET / HTTP/1.1\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`);
    const answer = await fetch(`${emulator.url}/viewer/refused`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const text = await answer.text();
    expect(text).not.toMatch(/secret|iml_live|Bearer/);
    const key = HEADERS['idempotency-key'];
    const request = { method: 'POST', path: '/v1/events', idempotencyKey: key };
    expect(JSON.parse(text)).toMatchObject({
      total: 6,
      requests: [
        { ...request, number: 1, status: 401, refusal: 'invalid_api_key' },
        { ...request, number: 2, status: 400, refusal: expect.stringContaining('meta') },
        { ...request, number: 3, status: 503, refusal: 'scripted' },
        { ...request, number: 4, refusal: 'scripted' },
        { number: 5, status: 400, refusal: 'malformed_request' },
        { number: 6, status: 431, refusal: 'malformed_request' },
      ],
    });
    expect(emulator.requests().map(({ refusal }) => refusal)).toEqual([
      'invalid_api_key',
      expect.stringContaining('meta'),
      'scripted',
      'scripted',
      undefined,
      'malformed_request',
      'malformed_request',
    ]);
  });

  it('remembers refused ones through any number of good ones, and a bounded number of them', async () => {
    const emulator = await createEmulator({ keepRequests: 1 });
    onTestFinished(() => emulator.close());
    await fetch(`${emulator.url}/v1/other`, { method: 'POST' });
    for (let index = 0; index < 5; index += 1) await post(emulator.url);
    const refused = async (): Promise<{ total: number; requests: readonly unknown[] }> =>
      (await (await fetch(`${emulator.url}/viewer/refused`)).json()) as never;
    expect(await refused()).toMatchObject({ total: 1, requests: [{ status: 404 }] });
    const all = Array.from({ length: 1_050 }, () =>
      fetch(`${emulator.url}/v1/other`, { method: 'POST' }),
    );
    await Promise.all(all);
    const { total, requests } = await refused();
    expect({ total, kept: requests.length }).toEqual({ total: 1_051, kept: 1_000 });
  });

  it('leaves no trace in what the emulator tells of its clients', async () => {
    const emulator = await emulate();
    emulator.fail({ status: 503 });
    await fetch(emulator.url);
    await follow(emulator);
    expect(emulator.requests()).toEqual([]);
    expect((await fetch(emulator.url, { method: 'POST' })).status).toBe(404);
    expect(emulator.violations()).toHaveLength(1);
  });

  it('sends what is there in order, then each new event', async () => {
    const emulator = await emulate();
    await seal(emulator, 1, 450);
    const stream = await follow(emulator);
    await eventually(() => stream.sequences().length === 450);
    await seal(emulator, 451, 460);
    await eventually(() => stream.sequences().length === 460);
    expect(stream.sequences()).toEqual(Array.from({ length: 460 }, (_, index) => index + 1));
  });

  it('goes on where a page says it was, by header or by address', async () => {
    const emulator = await emulate();
    await seal(emulator, 1, 3);
    const first = await follow(emulator);
    await eventually(() => first.sequences().length === 3);
    await seal(emulator, 4, 5);
    const again = await follow(emulator, { 'last-event-id': first.lastId() });
    await eventually(() => again.sequences().length === 2);
    expect(again.text()).toContain('event: from\ndata: 3\n');
    const answer = await get(`${emulator.url}/viewer/events?after=${first.lastId()}`);
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('data: 3\n');
  });

  it.each(['of-another:1', '1', 'x'.repeat(5_000), ':', '%'])(
    'starts anew for a page that says it was at %.20s',
    async (id) => {
      const emulator = await emulate();
      await seal(emulator, 1, 2);
      const stream = await follow(emulator, { 'last-event-id': id });
      await eventually(() => stream.sequences().length === 2);
      expect(stream.text()).toContain('event: from\ndata: 0\n');
    },
  );

  it('does not keep the emulator from closing', async () => {
    const emulator = await emulate();
    await follow(emulator);
    await emulator.close();
    await expect(fetch(emulator.url)).rejects.toThrow(TypeError);
  });

  it('answers HEAD with the head alone', async () => {
    const { url } = await emulate();
    for (const path of ['/', '/viewer/events']) {
      const answer = await fetch(url + path, { method: 'HEAD' });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
  });
});
