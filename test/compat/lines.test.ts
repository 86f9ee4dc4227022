import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { APPS, REGISTER, namesIn, visit } from '../support/registered-app.ts';
import { REPOSITORY } from '../support/run-script.ts';
import type { Consumer } from './consumer.ts';
import { installConsumer } from './consumer.ts';

describe.each([
  { line: 2, sdk: '2.12', nodeMajor: 20 },
  { line: 3, sdk: '3.1', nodeMajor: 24 },
] as const)('the tarball with SDK $sdk on Node $nodeMajor', ({ line, nodeMajor }) => {
  let consumer: Consumer;
  let ledger: Emulator;

  beforeAll(async () => {
    consumer = await installConsumer(line);
  });

  afterAll(() => {
    consumer.remove();
  });

  beforeEach(async () => {
    ledger = await createEmulator({ apiKey: 'local' });
  });

  afterEach(() => ledger.close());

  const zeroCode = (env: Readonly<Record<string, string>> = {}) =>
    consumer.run('--import', {
      args: [REGISTER, 'zero-code.mjs', String(line)],
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local', ...env },
    });

  it('runs on the Node of its line', async () => {
    const { out } = await consumer.run('--version');
    const major = Number(out.slice(1).split('.')[0]);
    // Line 2 runs on the Node of the tests, which is 20 in CI.
    expect(line === 2 ? major >= nodeMajor : major === nodeMajor).toBe(true);
  });

  it('delivers all spans and log records, through an outage, and the same events', async () => {
    const { exit, out, err } = await consumer.run('suite.mjs', { args: [String(line)] });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(JSON.parse(out)).toEqual({
      seen: {
        'error order.place consumer staging': 100,
        'success order.place consumer staging': 200,
        'info order.placed consumer staging': 300,
      },
      stats: { emitted: 600, accepted: 600, inFlight: 0 },
      correlated: true,
      raw: false,
      violations: 0,
      chain: true,
    });
  });

  it('can be required by a CommonJS program', async () => {
    const { exit, out, err } = await consumer.run('suite.cjs');
    expect({ exit, out, err }).toEqual({ exit: 0, out: '10 true', err: '' });
  });

  it('type-checks strictly with the declarations of all packages', async () => {
    const { exit, out } = await consumer.run('node_modules/typescript/bin/tsc', {
      args: [
        ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'],
        ...['--target', 'es2023', '--module', 'nodenext', '--types', 'node', `types-${line}.ts`],
      ],
    });
    expect({ exit, out }).toEqual({ exit: 0, out: '' });
  });

  it('sets an application up by the flag alone', async () => {
    const { exit, err } = await zeroCode();
    expect(exit).toBe(0);
    expect(namesIn(ledger)).toEqual({ 'job.run': 1, 'job.done': 1 });
    const warning = 'emitted through @opentelemetry/api-logs 0.223.1 do not reach this SDK (3.x)';
    expect(err.includes(warning)).toBe(line === 3);
  });

  it('takes its place in the configuration file of the SDK', async () => {
    const { exit, out } = await zeroCode({ OTEL_CONFIG_FILE: 'otel.yaml' });
    expect(exit).toBe(0);
    expect(namesIn(ledger)).toEqual({ 'job.run': 1, 'job.done': 1 });
    expect(ledger.events()[0]?.service).toBe('from-file');
    expect(out).not.toContain("name: 'job.run'");
  });

  it.each(['express.mjs', 'express.cjs'])(
    'has the requests of %s without a line of code',
    async (app) => {
      cpSync(join(REPOSITORY, APPS, app), join(consumer.folder, app));
      let up = false;
      const { exit, err } = await consumer.run('--import', {
        args: [REGISTER, app],
        env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local' },
        onOutput: (out, kill) => {
          const port = /port (\d+)/.exec(out)?.[1];
          if (port === undefined || up) return;
          up = true;
          void visit(`http://127.0.0.1:${port}`, 100).then(() => {
            kill('SIGTERM');
          });
        },
      });
      expect(exit).toBe(143);
      expect(namesIn(ledger)).toEqual({ 'GET /users/:id': 100 });
      expect(err).not.toMatch(/deprecat/i);
    },
  );
});

describe('the tarball with the first SDK 2.x', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await installConsumer('2-first');
  });

  afterAll(() => {
    consumer.remove();
  });

  it('sets an application up by the flag alone', async () => {
    await using ledger = await createEmulator({ apiKey: 'local' });
    const { exit } = await consumer.run('--import', {
      args: [REGISTER, 'zero-code.mjs', '2'],
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local' },
    });
    expect(exit).toBe(0);
    // That version of the logs API has no event names yet.
    expect(namesIn(ledger)).toEqual({ 'job.run': 1, 'log.info': 1 });
  });
});
