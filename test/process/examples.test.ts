import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator, LedgerEntry } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { CLIENT_RUNTIMES, describeOn } from '../support/runtimes.ts';

const DIRECT_CLIENT = 'examples/direct-client/main.js';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator({ apiKey: 'local' });
});

afterEach(() => ledger.close());

function environment(apiKey = 'local'): Readonly<Record<string, string>> {
  return { IMTBL_URL: ledger.url, IMTBL_API_KEY: apiKey };
}

function runExample(
  script: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ScriptResult> {
  return runScript(`examples/${script}`, { env: { ...environment(), ...more } });
}

function named(eventName: string): readonly LedgerEntry[] {
  return ledger.events().filter((event) => event.eventName === eventName);
}

function payloadOf(entry: LedgerEntry | undefined): unknown {
  return JSON.parse(entry?.payload ?? 'null');
}

function bodies(): string {
  return ledger
    .requests()
    .map(({ body }) => body)
    .join('\n');
}

// printf %s ana@example.com | sha256sum
const ANA = '8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11';

describeOn(CLIENT_RUNTIMES, 'the worker with the client alone', (run) => {
  it('records each event once, hashed, and tells its receipt', async () => {
    const { exit, out, err } = await run(DIRECT_CLIENT, { env: environment() });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(
      ledger
        .events()
        .map(({ eventName }) => eventName)
        .sort(),
    ).toEqual([
      'invoice.paid',
      'invoice.reminded',
      'invoice.reminded',
      'invoice.reminded',
      'worker.idle',
    ]);
    const [paid] = named('invoice.paid');
    expect(paid?.meta).toMatchObject({
      service: 'invoice-worker',
      env: 'staging',
      type: 'success',
    });
    expect(payloadOf(paid)).toMatchObject({ invoice_id: 'inv_42', customer_email_hash: ANA });
    expect(out).toContain(`invoice.paid      ${paid?.txId}  duplicate: false`);
    expect(out).toContain(`invoice.paid      ${paid?.txId}  duplicate: true`);
    expect(out).toContain('{"emitted":6,"accepted":6,"duplicates":1}');
    expect(bodies()).not.toContain('@example.com');
    expect(ledger.violations()).toEqual([]);
  });

  it('says so and fails when the key is refused', async () => {
    const { exit, out, err } = await run(DIRECT_CLIENT, { env: environment('wrong') });
    expect(exit).toBe(1);
    expect(out).toContain('{"emitted":6,"accepted":0,"duplicates":0}');
    expect(err).toContain('invoice.paid      not recorded: unauthorized');
    expect(ledger.events()).toEqual([]);
  });
});

describe('the setup that sends OTLP already', () => {
  it('gives the ledger redacted events while OTLP sees the records as before', async () => {
    const { exit, out, err } = await runExample('existing-setup/main.js');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('ledger: 2 of 2 events accepted');
    expect(out).toContain('otlp /v1/traces: raw record, as before');
    expect(out).toContain('otlp /v1/logs: raw record, as before');
    const [span] = named('payment.captured');
    const [log] = named('payment.receipt_sent');
    expect(span?.meta).toMatchObject({ service: 'payments', env: 'staging', type: 'success' });
    expect(log?.traceId).toBe(span?.traceId);
    expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(bodies()).not.toContain('carla@example.com');
  });
});

describe('the shortest registration', () => {
  it('makes one event of the span and one of the log record', async () => {
    const { exit, err } = await runExample('node-sdk/main.js');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const [span] = named('user.signup');
    const [log] = named('user.created');
    expect(ledger.events()).toHaveLength(2);
    expect(payloadOf(span)).toMatchObject({
      attributes: { 'user.email_hash': ANA, 'user.id': 'usr_1' },
    });
    expect(payloadOf(log)).toMatchObject({
      body: `welcome mail queued for [email sha256:${ANA.slice(0, 32)}]`,
    });
    expect(log?.traceId).toBe(span?.traceId);
    expect(bodies()).not.toContain('ana@example.com');
  });

  it('lets the program end well although the ledger refuses its events', async () => {
    ledger.fail({ status: 400, times: Number.POSITIVE_INFINITY });
    const { exit, err } = await runExample('node-sdk/main.js', { OTEL_LOG_LEVEL: 'warn' });
    ledger.heal();
    expect(exit).toBe(0);
    expect(err).toContain('event(s) lost: rejected');
    expect(err).not.toContain('ana@example.com');
  });
});
