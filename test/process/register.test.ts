import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { AppOptions } from '../support/registered-app.ts';
import { APPS, createProject, namesIn, runApp, visit } from '../support/registered-app.ts';
import type { ScriptResult } from '../support/run-script.ts';
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
    expect(err).toMatch(/^.*: sends spans and log records to \S+; \d+ instrumentations\n$/);
  });
});

describe('the end of a registered application', () => {
  let project: string;

  beforeAll(() => {
    project = createProject();
  });

  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  function run(script: string, options: AppOptions = {}): Promise<ScriptResult> {
    return runApp(ledger, script, { cwd: project, ...options });
  }

  /** Records so many spans, which wait in the processor when the signal comes. */
  function runUntil(
    signal: NodeJS.Signals,
    spans: number,
    options: AppOptions = {},
  ): Promise<ScriptResult> {
    const whileUp = () => Promise.resolve(signal);
    return run('until-signal.mjs', { args: [String(spans)], whileUp, ...options });
  }

  /** The variables for a shutdown budget; every event has 25 s. */
  function withBudget(ms: number): Readonly<Record<string, string>> {
    const exporter = `{ batch: { exporter: { immutablelog: { shutdown_timeout_ms: ${ms} } } } }`;
    const text = `
file_format: "1.0"
tracer_provider: { processors: [${exporter}] }
logger_provider: { processors: [${exporter}] }
`;
    const path = join(project, 'otel.yaml');
    writeFileSync(path, text);
    return { OTEL_CONFIG_FILE: path };
  }

  const visited = (count: number, signal: NodeJS.Signals) => async (url: string) => {
    await visit(url, count);
    return signal;
  };

  it('comes with 130 after SIGINT, nothing lost', async () => {
    const { exit } = await runUntil('SIGINT', 50);
    expect(exit).toBe(130);
    expect(namesIn(ledger)).toEqual({ 'job.run': 50 });
  });

  it('loses nothing although the ledger fails for a moment', async () => {
    ledger.fail({ status: 503, times: 40 });
    const { exit } = await runUntil('SIGTERM', 50, { env: withBudget(15_000) });
    expect(exit).toBe(143);
    expect(namesIn(ledger)).toEqual({ 'job.run': 50 });
  });

  // What ends an event tells what ended the process: its own deadline would be seconds later.
  it.each<[string, Fault]>([
    ['hangs', { hang: true, times: Infinity }],
    ['is in trouble', { status: 503, times: Infinity }],
  ])('keeps to the shutdown budget when the ledger %s', async (_name, fault) => {
    ledger.fail(fault);
    const { exit, err } = await runUntil('SIGTERM', 600, { env: withBudget(1_000) });
    expect(exit).toBe(143);
    expect(err).toMatch(/event\(s\) lost: shutdown/);
    expect(err).not.toMatch(/event\(s\) lost: (deadline|retries_exhausted)/);
  });

  it('leaves on disk what an outage kept back, and the next start sends it', async () => {
    const env = { IMTBL_SPOOL_DIR: mkdtempSync(join(tmpdir(), 'register-spool-')) };
    ledger.fail({ status: 503, times: Infinity });
    const first = await runUntil('SIGTERM', 20, { env });
    expect({ exit: first.exit, sent: namesIn(ledger) }).toEqual({ exit: 143, sent: {} });
    ledger.heal();
    const second = await runUntil('SIGTERM', 20, { env });
    rmSync(env.IMTBL_SPOOL_DIR, { recursive: true });
    expect(second.exit).toBe(143);
    expect(namesIn(ledger)).toEqual({ 'job.run': 40 });
  });

  it('is at once when a second signal comes', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const { exit } = await runUntil('SIGTERM', 5, {
      // Only the flush of the first signal sends anything, and the second must not come before it.
      env: { OTEL_BSP_SCHEDULE_DELAY: '60000' },
      second: { signal: 'SIGINT', when: () => ledger.requests().length > 0 },
    });
    expect(exit).toBe(130);
  });

  it('leaves the end to an application that listens to the signal itself', async () => {
    const { exit, out } = await runApp(ledger, `${APPS}/own-handler.mjs`, {
      whileUp: visited(3, 'SIGTERM'),
    });
    expect({ exit, out: out.split('\n').slice(1) }).toEqual({ exit: 7, out: ['closed', ''] });
    expect(namesIn(ledger)).toEqual({ GET: 3, 'closing.began': 1, 'closing.ended': 1 });
  });

  it('can be awaited before process.exit(), also what is under way on a slow ledger', async () => {
    ledger.fail({ delayMs: 800, times: Infinity });
    const { exit, out } = await runApp(ledger, `${APPS}/own-handler.mjs`, {
      args: ['exit'],
      whileUp: visited(3, 'SIGTERM'),
    });
    expect({ exit, out: out.split('\n').at(-2) }).toEqual({ exit: 8, out: 'flushed true' });
    expect(namesIn(ledger)).toEqual({ GET: 3, 'closing.began': 1, 'closing.ended': 1 });
  });

  it('is told when the ledger takes nothing', async () => {
    ledger.fail({ status: 503, times: Infinity });
    const { exit, out } = await runApp(ledger, `${APPS}/own-handler.mjs`, {
      args: ['exit'],
      whileUp: visited(3, 'SIGTERM'),
    });
    expect({ exit, out: out.split('\n').at(-2) }).toEqual({ exit: 8, out: 'flushed false' });
  });

  it('comes although a package waits for others to end the process', async () => {
    const { exit, out } = await run('signal-exit.cjs', {
      args: [join(REPOSITORY, 'node_modules/signal-exit/dist/cjs/index.js')],
      whileUp: () => Promise.resolve('SIGTERM'),
    });
    expect({ exit, out }).toEqual({ exit: 143, out: 'port 0\ncleaned up\n' });
    expect(namesIn(ledger)).toEqual({ 'job.run': 1 });
  });

  it('comes by itself with the exit code of the program, the last records sent', async () => {
    const { exit } = await run('natural-end.mjs', { args: ['1000'] });
    expect(exit).toBe(3);
    expect(namesIn(ledger)).toEqual({ 'job.run': 1000, 'job.done': 1000, 'job.cleaned_up': 1 });
  });

  it('comes by itself within the budget when the ledger hangs', async () => {
    ledger.fail({ hang: true, times: Infinity });
    const { exit, err } = await run('natural-end.mjs', { args: ['100'], env: withBudget(1_000) });
    expect(exit).toBe(3);
    expect(err).toMatch(/event\(s\) lost: shutdown/);
    expect(err).not.toMatch(/event\(s\) lost: (deadline|retries_exhausted)/);
  });

  it('leaves a worker thread alone, which inherits the flag', async () => {
    const { exit, out, err } = await run('worker-thread.mjs');
    expect({ exit, out }).toEqual({ exit: 0, out: 'worker 0\n' });
    expect(namesIn(ledger)).toEqual({ 'main.ran': 1 });
    expect(err.match(/sends spans/g)).toHaveLength(1);
  });
});
