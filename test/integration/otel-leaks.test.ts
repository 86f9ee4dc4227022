import { DiagLogLevel, ROOT_CONTEXT, SpanStatusCode, TraceFlags, diag } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import type { ImmutableLogOptions } from '../../src/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';
import { findLeaks } from '../support/leak-search.ts';
import type { OtelSetup } from '../support/otel-setup.ts';
import { API_KEY, exporterOptions, startOtel, stopOtel } from '../support/otel-setup.ts';

/** What must not be readable anywhere; all of it made up. */
const SECRETS = {
  apiKey: API_KEY,
  email: 'maria.souza@mail.example',
  password: 'S3nha-muito-secreta',
  bearer: 'b3aR3r-0123456789abcdefXYZ',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  cpf: '529.982.247-25',
  card: '4111 1111 1111 1111',
  phone: '+55 11 91234-5678',
  address: '203.0.113.77',
} as const;
const { email, password, bearer, jwt, cpf, card, phone, address } = SECRETS;

const CALLER = `https://${encodeURIComponent(email)}:${password}@shop.example/u/${email}?mail=${encodeURIComponent(encodeURIComponent(email))}&sig=${bearer}`;

let setup: OtelSetup;
let client: ImmutableLogClient;
/** Everything that was said or handed to callbacks. */
let said: unknown[];

const collector = {
  error: (...parts: readonly unknown[]) => void said.push(parts),
  warn: (...parts: readonly unknown[]) => void said.push(parts),
  info: (...parts: readonly unknown[]) => void said.push(parts),
  debug: (...parts: readonly unknown[]) => void said.push(parts),
  verbose: (...parts: readonly unknown[]) => void said.push(parts),
};

const OPTIONS: ImmutableLogOptions = {
  timeoutMs: 150,
  deadlineMs: 2_000,
  retry: { maxRetries: 1, initialDelayMs: 1 },
  onReceipt: (...told) => void said.push(told),
  onDrop: (...told) => void said.push(told),
};

const onWarning = (warning: Error): void => void said.push(warning);

beforeEach(async () => {
  said = [];
  diag.setLogger(collector, DiagLogLevel.ALL);
  process.on('warning', onWarning);
  setup = await startOtel({
    exporters: OPTIONS,
    resource: resourceFromAttributes({
      'service.name': 'accounts',
      'service.contact.email': email,
      'deploy.token': bearer,
    }),
  });
  client = new ImmutableLogClient(exporterOptions(setup.emulator, OPTIONS));
});

afterEach(async () => {
  await client.close();
  await stopOtel(setup);
  process.off('warning', onWarning);
});

function emitSpan(): void {
  const error = new Error(`no account for ${email}, card ${card}, call ${phone}`);
  error.stack = `Error: no account for ${email}\n    at login (/app/${email}/login.js:3:7)`;
  const span = setup.tracer.startSpan(`login of ${email}`, {
    attributes: {
      'user.email': email,
      password,
      'http.request.header.authorization': [`Bearer ${bearer}`],
      'url.full': CALLER,
      'url.query': `mail=${encodeURIComponent(email)}&token=${jwt}`,
      'client.address': address,
      'db.query.text': `select * from users where email = '${email}' and pin = '${password}'`,
      [`seen.${email}`]: true,
      note: `Authorization: Bearer ${jwt}`,
      'immutablelog.trail': `login of ${email}`,
    },
    links: [
      {
        context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE },
        attributes: { 'user.email': email, cookie: `session=${bearer}` },
      },
    ],
  });
  span.recordException(error);
  span.addEvent(`mail to ${email}`, { 'user.phone': phone, 'user.cpf': cpf });
  span.setStatus({ code: SpanStatusCode.ERROR, message: `refused: ${email}, cpf ${cpf}` });
  span.end();
}

function emitLogs(): void {
  setup.logger.emit({
    eventName: `login ${email}`,
    context: ROOT_CONTEXT,
    body: `login of ${email} with password=${password}, cpf ${cpf}, card ${card}, from ${address}`,
  });
  setup.logger.emit({
    body: { user: { email, password, phone }, headers: { authorization: `Bearer ${bearer}` } },
    attributes: { 'exception.message': `jwt ${jwt} is not for ${email}`, apiKey: API_KEY },
  });
}

/** A little of everything, through both exporters and the client. */
async function traffic(): Promise<void> {
  emitSpan();
  emitLogs();
  const [result] = await client.sendBatch([
    { eventName: `signup of ${email}`, payload: { email, password, text: `${email} ${jwt}` } },
  ]);
  said.push(result);
  await setup.flush().catch((error: unknown) => said.push(error));
  said.push(setup.spanExporter.stats(), setup.logExporter.stats(), client.stats());
}

function received(emulator: Emulator): string {
  const texts = emulator.requests().map(({ path, headers, body }) => {
    const { payload, meta } = JSON.parse(body);
    return [path, JSON.stringify(headers), body, payload, inspect(meta)].join('\n');
  });
  return texts.join('\n');
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'all is well': {},
  'the key is refused': { status: 401, times: Infinity },
  'events are refused': { status: 400, times: Infinity },
  'the quota is used up': { status: 429, times: Infinity },
  'the server is in trouble': { status: 500, times: Infinity },
  'the answer repeats the event': { status: 400, times: Infinity, body: `{"reason":"${email}"}` },
  'connections are cut': { reset: 'before', times: Infinity },
  'the server hangs': { hang: true, times: Infinity },
  'the server redirects': {
    status: 302,
    times: Infinity,
    headers: { location: 'https://elsewhere.example/v1/events' },
  },
};

describe('personal data and secrets', () => {
  it.each(Object.entries(FAULTS))('stay in the process when %s', async (_name, fault) => {
    setup.emulator.fail(fault);
    await traffic();
    expect(setup.emulator.requests().length).toBeGreaterThan(0);
    expect(setup.emulator.violations()).toEqual([]);
    const told = inspect(said, { depth: 20, maxStringLength: null, maxArrayLength: null });
    const places = { diagnostics: told, ledger: received(setup.emulator) };
    expect(findLeaks(SECRETS, places)).toEqual([]);
  });

  it('are found by this search where they are', async () => {
    await traffic();
    const raw = inspect([setup.spans, setup.records], { depth: 10, maxStringLength: null });
    const names = new Set(findLeaks(SECRETS, { raw }).map(({ secret }) => secret));
    expect([...names].sort()).toEqual(Object.keys(SECRETS).sort());
    const coded = Buffer.from(`x${email}y`).toString('base64') + encodeURIComponent(cpf + card);
    const forms = new Set(findLeaks(SECRETS, { coded }).map(({ secret }) => secret));
    expect([...forms].sort()).toEqual(['card', 'cpf', 'email']);
  });
});
