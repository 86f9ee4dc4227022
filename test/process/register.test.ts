import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { APPS, namesIn, runApp, visit } from '../support/registered-app.ts';
import { REPOSITORY } from '../support/run-script.ts';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator({ apiKey: 'local' });
});

afterEach(() => ledger.close());

describe.each(['express.mjs', 'express.cjs'])('%s with the flag and two variables', (app) => {
  it('has all its requests in the ledger after SIGTERM, and exits with 143', async () => {
    const { exit, err } = await runApp(ledger, `${APPS}/${app}`, {
      whileUp: async (url) => {
        await visit(url, 300);
        return 'SIGTERM';
      },
    });
    expect(exit).toBe(143);
    expect(namesIn(ledger)).toEqual({ 'GET /users/:id': 300 });
    expect(ledger.events()[0]?.meta).toMatchObject({
      type: 'success',
      http_method: 'GET',
      http_route: '/users/:id',
      http_status: '200',
    });
    expect(ledger.violations()).toEqual([]);
    expect(err).toMatch(/^.*: sends spans and log records; \d+ instrumentations\n$/);
  });
});

describe('the end of a registered application', () => {
  const visited = (count: number, signal: NodeJS.Signals) => async (url: string) => {
    await visit(url, count);
    return signal;
  };

  it('comes with 130 after SIGINT, nothing lost', async () => {
    const whileUp = visited(50, 'SIGINT');
    const { exit } = await runApp(ledger, `${APPS}/express.mjs`, { whileUp });
    expect(exit).toBe(130);
    expect(namesIn(ledger)).toEqual({ 'GET /users/:id': 50 });
  });

  it('loses nothing although the ledger fails for a moment', async () => {
    ledger.fail({ status: 503, times: 40 });
    const whileUp = visited(50, 'SIGTERM');
    const { exit } = await runApp(ledger, `${APPS}/express.mjs`, { whileUp });
    expect(exit).toBe(143);
    expect(namesIn(ledger)).toEqual({ 'GET /users/:id': 50 });
  });

  it.each<[string, Fault]>([
    ['hangs', { hang: true, times: Infinity }],
    ['is in trouble', { status: 503, times: Infinity }],
  ])('keeps to the shutdown budget when the ledger %s', async (_name, fault) => {
    ledger.fail(fault);
    let toldAt = Infinity;
    const { exit, err } = await runApp(ledger, `${APPS}/express.mjs`, {
      whileUp: async (url) => {
        await visit(url, 600);
        toldAt = performance.now();
        return 'SIGTERM';
      },
    });
    const tookMs = performance.now() - toldAt;
    expect(exit).toBe(143);
    expect(tookMs).toBeLessThan(5_500);
    expect(err).toMatch(/event\(s\) lost: shutdown/);
  });

  it('leaves on disk what an outage kept back, and the next start sends it', async () => {
    const env = { IMTBL_SPOOL_DIR: mkdtempSync(join(tmpdir(), 'register-spool-')) };
    ledger.fail({ status: 503, times: Infinity });
    const whileUp = visited(20, 'SIGTERM');
    const first = await runApp(ledger, `${APPS}/express.mjs`, { env, whileUp });
    expect({ exit: first.exit, sent: namesIn(ledger) }).toEqual({ exit: 143, sent: {} });
    ledger.heal();
    const second = await runApp(ledger, `${APPS}/express.mjs`, { env, whileUp });
    rmSync(env.IMTBL_SPOOL_DIR, { recursive: true });
    expect(second.exit).toBe(143);
    expect(namesIn(ledger)).toEqual({ 'GET /users/:id': 40 });
  });

  it('is at once when a second signal comes', async () => {
    ledger.fail({ hang: true, times: Infinity });
    let toldAt = Infinity;
    const { exit } = await runApp(ledger, `${APPS}/express.mjs`, {
      whileUp: async (url) => {
        await visit(url, 5);
        toldAt = performance.now();
        return 'SIGINT';
      },
      onSecond: 'SIGINT',
    });
    expect(exit).toBe(130);
    expect(performance.now() - toldAt).toBeLessThan(1_500);
  });

  it('leaves the end to an application that listens to the signal itself', async () => {
    const { exit, out } = await runApp(ledger, `${APPS}/own-handler.mjs`, {
      whileUp: visited(3, 'SIGTERM'),
    });
    expect({ exit, out: out.split('\n').slice(1) }).toEqual({ exit: 7, out: ['closed', ''] });
    expect(namesIn(ledger)).toEqual({ GET: 3, 'closing.began': 1, 'closing.ended': 1 });
  });

  it('can be awaited before process.exit()', async () => {
    const { exit } = await runApp(ledger, `${APPS}/own-handler.mjs`, {
      args: ['exit'],
      whileUp: visited(3, 'SIGTERM'),
    });
    expect(exit).toBe(8);
    expect(namesIn(ledger)).toEqual({ GET: 3, 'closing.began': 1, 'closing.ended': 1 });
  });

  it('comes although a package waits for others to end the process', async () => {
    const { exit, out } = await runApp(ledger, `${APPS}/signal-exit.cjs`, {
      args: [join(REPOSITORY, 'node_modules/signal-exit/dist/cjs/index.js')],
      whileUp: () => Promise.resolve('SIGTERM'),
    });
    expect({ exit, out }).toEqual({ exit: 143, out: 'port 0\ncleaned up\n' });
    expect(namesIn(ledger)).toEqual({ 'job.run': 1 });
  });

  it('comes by itself with the exit code of the program, the last records sent', async () => {
    const { exit } = await runApp(ledger, `${APPS}/natural-end.mjs`, { args: ['1000'] });
    expect(exit).toBe(3);
    expect(namesIn(ledger)).toEqual({ 'job.run': 1000, 'job.done': 1000, 'job.cleaned_up': 1 });
  });

  it('comes by itself within the budget when the ledger hangs', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const startedAt = performance.now();
    const { exit } = await runApp(ledger, `${APPS}/natural-end.mjs`, { args: ['100'] });
    expect(exit).toBe(3);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});

describe('a worker thread', () => {
  it('inherits the flag and is left alone', async () => {
    const { exit, out, err } = await runApp(ledger, `${APPS}/worker-thread.mjs`);
    expect({ exit, out }).toEqual({ exit: 0, out: 'worker 0\n' });
    expect(namesIn(ledger)).toEqual({ 'main.ran': 1 });
    expect(err.match(/sends spans/g)).toHaveLength(1);
  });
});
