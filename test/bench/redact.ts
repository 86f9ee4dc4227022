/** Prints what redaction costs per event, against the lines that it has to keep. */
import { createRedactionCounters } from '../../src/redact/accounting.ts';
import { createRedaction } from '../../src/redact/redactor.ts';
import type { RedactOptions } from '../../src/redact/options.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import type { AuditEvent } from '../../src/record/event.ts';
import type { JsonValue } from '../../src/record/json.ts';
import { byMode } from './support/mode.ts';

const CALLS = byMode(10_000, 10_000, 100);
const ROUNDS = byMode(15, 3, 1);
const REFERENCE_SCALE = 1.56;

const attributes = {
  'client.address': '203.0.113.7',
  'enduser.role': 'admin',
  'http.request.header.authorization': ['Bearer abcdefghijklmnop'],
  'http.request.method': 'GET',
  'http.response.status_code': 200,
  'http.route': '/users/:id',
  'network.protocol.name': 'http',
  'network.protocol.version': '1.1',
  'order.currency': 'BRL',
  'order.id': 'ord_83jd93',
  'order.total': 1234,
  'server.address': 'api.example.com',
  'server.port': 443,
  'tenant.id': 'tnt_9',
  'tenant.plan': 'enterprise',
  'url.scheme': 'https',
  'user.email': 'maria.silva@example.com',
  'user.id': 'usr_1',
  'user.roles': ['admin', 'billing'],
  'app.build.description': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
};

const frame =
  '    at Object.<anonymous> (/srv/app/node_modules/some-package/lib/index.js:120:33)\n';
const stack = `Error: cannot charge maria.silva@example.com\n${frame.repeat(37)}`;

function event(extra: Readonly<Record<string, JsonValue>>): AuditEvent {
  return {
    signal: 'direct',
    idempotencyKey: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    meta: {},
    payload: { ...attributes, ...extra },
  };
}

/** Time on the processor, which other programs on the machine disturb less than the clock. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function perCall(work: () => void): number {
  const start = cpuMicroseconds();
  for (let call = 0; call < CALLS; call += 1) work();
  return (cpuMicroseconds() - start) / CALLS;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;
}

const key = { id: 'k1', secret: 'x'.repeat(32) };
const plain = event({});
const withStack = event({ 'exception.stacktrace': stack });

function redacting(options: RedactOptions, given: AuditEvent): () => void {
  const redaction = createRedaction(resolveRedactOptions(options), createRedactionCounters());
  return () => void redaction.event(given);
}

const works = {
  scale: () => void JSON.stringify(attributes),
  rules: redacting({ detect: 'off' }, plain),
  keyed: redacting({ detect: 'off', key }, plain),
  defaults: redacting({}, plain),
  all: redacting({ detect: 'all' }, plain),
  stack: redacting({}, withStack),
};

// All works in each round, so that a machine whose speed changes changes them all alike.
const rounds = Array.from({ length: ROUNDS }, (): Record<string, number> => {
  const us: Record<string, number> = Object.fromEntries(
    Object.entries(works).map(([name, work]) => [name, perCall(work)]),
  );
  return { ...us, stack: (us['stack'] ?? 0) - (us['defaults'] ?? 0) };
});

// What a row may cost is given in µs for a machine that takes 1.56 µs for the first row.
const rows: readonly (readonly [string, string, number | undefined])[] = [
  ['JSON.stringify, for scale', 'scale', undefined],
  ['rules, SHA-256', 'rules', 2],
  ['rules, HMAC', 'keyed', 6],
  ['rules and default detectors', 'defaults', undefined],
  ['rules and all detectors', 'all', 12],
  ['a stack trace of 3 KB more', 'stack', 15],
];
for (const [title, name, line] of rows) {
  const us = median(rounds.map((round) => round[name] ?? 0));
  const times = median(rounds.map((round) => (round[name] ?? 0) / (round['scale'] ?? 1)));
  const bound = line === undefined ? '' : `<= ${(line / REFERENCE_SCALE).toFixed(2)} ×`;
  const figures = `${us.toFixed(2).padStart(7)} µs ${times.toFixed(2).padStart(7)} ×`;
  console.log(`${title.padEnd(30)} ${figures}  ${bound}`);
}
for (const kilobytes of [16, 64, 1024]) {
  const text = '@a.1:%25'.repeat(kilobytes * 128);
  const one = event({ message: text });
  const redaction = createRedaction(resolveRedactOptions({}), createRedactionCounters());
  redaction.event(one);
  const began = cpuMicroseconds();
  redaction.event(one);
  const ms = (cpuMicroseconds() - began) / 1000;
  console.log(
    `adversarial text of ${String(kilobytes).padStart(4)} KiB ${ms.toFixed(2).padStart(10)} ms`,
  );
}
