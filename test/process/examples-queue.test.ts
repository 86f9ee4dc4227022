import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { freePort } from '../support/free-port.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';

const NATS_SERVER = '/usr/sbin/nats-server';
const isInstalled = existsSync(NATS_SERVER);
// Where everything is to be tested, a missing server is a failure of the first test.
const isRequired = process.env['CI'] === 'true';

if (!isInstalled) {
  process.stderr.write(`the queue consumer is not tested: ${NATS_SERVER} is not installed\n`);
}

/** Resolves when the child has written the words; rejects when it ends before. */
function saying(child: ChildProcess, words: string): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes(words)) resolve();
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(`ended without saying "${words}": ${text}`));
    });
  });
}

const trailOf = ({ meta }: LedgerEntry): string => meta['immutable_trail'] ?? '';

const SCRIPT = ['--import', './examples/queue-consumer/instrumentation.js'];

describe.runIf(isInstalled || isRequired)('the consumer of a NATS queue', () => {
  let nats: ChildProcess;
  let address: string;

  beforeAll(async () => {
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    nats = spawn(NATS_SERVER, ['--addr', '127.0.0.1', '--port', String(port)]);
    await saying(nats, 'Server is ready');
  });

  afterAll(() => nats.kill());

  it('leaves one event for each message, in the trace of its sender', async () => {
    await using ledger = await createEmulator({ apiKey: 'local' });
    const env = { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local', NATS_URL: address };
    const consumer = spawn(process.execPath, [...SCRIPT, 'examples/queue-consumer/main.js'], {
      cwd: REPOSITORY,
      env: { ...process.env, ...env },
    });
    onTestFinished(() => void consumer.kill('SIGKILL'));
    const ended = new Promise((resolve) => consumer.once('close', resolve));
    await saying(consumer, 'waiting for orders');
    const [register = '', file = ''] = SCRIPT;
    const sender = await runScript(register, {
      args: [file, 'examples/queue-consumer/publish.js'],
      env,
    });
    expect({ exit: sender.exit, err: sender.err }).toEqual({ exit: 0, err: '' });
    // Drains: what the queue has handed over is worked off and told before the process ends.
    consumer.kill('SIGTERM');
    expect(await ended).toBe(0);

    // A batch arrives in any order.
    const shipped = ledger
      .events()
      .filter(({ eventName }) => eventName === 'order.shipped')
      .sort((a, b) => Number(trailOf(a).slice(6)) - Number(trailOf(b).slice(6)));
    const traces = sender.out.trim().split('\n');
    expect(shipped.map((event) => `${trailOf(event).slice(6)} ${event.traceId}`)).toEqual(traces);
    expect(shipped.map(({ type }) => type)).toEqual(['success', 'success', 'error']);
    expect(shipped[2]?.meta['error_type']).toBe('RangeError');
    expect(shipped[2]?.payload).toContain('"kind":"consumer"');
    expect(shipped.some(({ payload }) => payload.includes('@example.com'))).toBe(false);
  });
});
