import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { HEADERS, headersWith, post, sampleBody } from '../support/sample-requests.ts';

let emulator: Emulator;

beforeEach(async () => {
  emulator = await createEmulator();
});

afterEach(async () => {
  await emulator.close();
});

function send(init?: RequestInit): Promise<Response> {
  return post(emulator.url, init);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The code of the error a post ends with, over a connection of its own. */
async function failurePosting(): Promise<unknown> {
  const request = httpRequest(`${emulator.url}/v1/events`, {
    method: 'POST',
    headers: HEADERS,
    agent: false,
  });
  request.end(sampleBody());
  const [error] = await once(request, 'error');
  return codeOf(error);
}

/** Sends a post, waits until the emulator has it, gives up, and says how the post ended. */
async function postAndGiveUp(): Promise<string> {
  const giveUp = new AbortController();
  const ended = send({ signal: giveUp.signal }).then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.name : 'no error'),
  );
  await expect.poll(() => emulator.requests().length).toBe(1);
  giveUp.abort();
  return ended;
}

describe('scripted faults over a socket', () => {
  it('answers the scripted statuses in turn, then serves again', async () => {
    emulator.fail([
      { status: 503, times: 2 },
      { status: 429, headers: { 'retry-after': '7' } },
    ]);
    expect([(await send()).status, (await send()).status]).toEqual([503, 503]);
    const quota = await send();
    expect([quota.status, quota.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await send()).status).toBe(202);
    expect(emulator.requests().map(({ status }) => status)).toEqual([503, 503, 429, 202]);
    expect(emulator.violations()).toEqual([]);
  });

  it('answers a scripted body as it stands', async () => {
    emulator.fail([
      { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } },
      { body: 'not JSON' },
    ]);
    const proxy = await send();
    expect([proxy.headers.get('content-type'), await proxy.text()]).toEqual([
      'text/html',
      '<html>',
    ]);
    const success = await send();
    expect([success.status, await success.text()]).toEqual([202, 'not JSON']);
  });

  it('answers 204 without a body', async () => {
    emulator.fail({ status: 204 });
    const answer = await send();
    expect([answer.status, await answer.text(), emulator.events().length]).toEqual([204, '', 1]);
  });

  it('applies to chosen requests only', async () => {
    emulator.fail({
      status: 400,
      times: Infinity,
      when: ({ headers }) => headers['idempotency-key'] === 'bad',
    });
    const bad = { headers: headersWith({ 'idempotency-key': 'bad' }) };
    const statuses = [await send(bad), await send(), await send(bad)].map(({ status }) => status);
    expect(statuses).toEqual([400, 202, 400]);
  });

  it('serves again when it is healed', async () => {
    emulator.fail({ status: 500, times: Infinity });
    expect((await send()).status).toBe(500);
    emulator.heal();
    expect((await send()).status).toBe(202);
  });

  it('cuts the connection before the event is in the ledger', async () => {
    emulator.fail({ reset: 'before' });
    await expect(failurePosting()).resolves.toBe('ECONNRESET');
    expect(emulator.events()).toEqual([]);
  });

  it('cuts the connection after the event is in the ledger, so that a repeat is a duplicate', async () => {
    emulator.fail({ reset: 'after' });
    await expect(failurePosting()).resolves.toBe('ECONNRESET');
    expect(emulator.events()).toHaveLength(1);
    await expect((await send()).json()).resolves.toMatchObject({ duplicate: true });
  });

  it.each([
    [true, 0],
    ['after-accept', 1],
  ] as const)('never answers under hang: %s', async (hang, events) => {
    emulator.fail({ hang });
    await expect(postAndGiveUp()).resolves.toBe('AbortError');
    expect(emulator.events()).toHaveLength(events);
  });

  it('has a delayed event in the ledger while its client still waits', async () => {
    emulator.fail({ delayMs: 2 ** 31 - 1 });
    await expect(postAndGiveUp()).resolves.toBe('AbortError');
    expect(emulator.events()).toHaveLength(1);
  });

  it('answers after a delay, not before it', async () => {
    emulator.fail({ delayMs: 60 });
    const sentAt = performance.now();
    expect((await send()).status).toBe(202);
    // A timer may fire up to a millisecond before its time.
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(59);
  });

  it('drips status line and headers byte by byte, then answers in full', async () => {
    emulator.fail({ slowHeadersMs: 1 });
    const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const body = sampleBody();
    const head = Object.entries({
      host: '127.0.0.1',
      ...HEADERS,
      'content-length': String(body.length),
    });
    socket.write(
      `POST /v1/events HTTP/1.1\r\n${head.map((pair) => pair.join(': ')).join('\r\n')}\r\n\r\n${body}`,
    );
    await once(socket, 'close');
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 202 Accepted\r\n[^{]*\r\n\r\n\{"ok":true,.*\}$/s);
    expect(chunks.length).toBeGreaterThan(20);
  });

  it('gives fetch a whole answer through slow headers', async () => {
    emulator.fail({ slowHeadersMs: 1 });
    await expect((await send()).json()).resolves.toMatchObject({ ok: true });
  });

  it('begins a body and never ends it', async () => {
    emulator.fail({ endlessBody: true });
    const request = httpRequest(`${emulator.url}/v1/events`, {
      method: 'POST',
      headers: HEADERS,
      agent: false,
    });
    request.end(sampleBody());
    const response = await new Promise<IncomingMessage>((resolve) => {
      request.once('response', resolve);
    });
    expect(response.statusCode).toBe(202);
    let received = '';
    for await (const chunk of response) {
      received += String(chunk);
      if (received.length >= 5) break;
    }
    expect(received.trimEnd()).toBe('{');
    expect(emulator.events()).toHaveLength(1);
  });

  it('closes new connections before any request', async () => {
    emulator.fail({ closeOnAccept: true, times: 2 });
    await failurePosting();
    await failurePosting();
    expect(emulator.requests()).toEqual([]);
    expect((await send()).status).toBe(202);
  });
});
