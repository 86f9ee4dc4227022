/** Prints what redaction costs per event, against the lines that it has to keep. */
import { createRedactionCounters } from '../../src/redact/accounting.ts';
import { createRedaction } from '../../src/redact/redactor.ts';
import type { RedactOptions } from '../../src/redact/options.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import type { AuditEvent } from '../../src/record/event.ts';
import type { JsonValue } from '../../src/record/json.ts';

const EVENTS = 40_000;
const ROUNDS = 7;

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
  'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
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

function microseconds(options: RedactOptions, events: readonly AuditEvent[]): number {
  const redaction = createRedaction(resolveRedactOptions(options), createRedactionCounters());
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = cpuMicroseconds();
    for (let index = 0; index < EVENTS; index += 1) {
      const chosen = events[index % events.length];
      if (chosen !== undefined) redaction.event(chosen);
    }
    return (cpuMicroseconds() - start) / EVENTS;
  });
  return rounds.sort((one, other) => one - other)[ROUNDS >> 1] ?? 0;
}

const key = { id: 'k1', secret: 'x'.repeat(32) };
const plain = [event({})];
const withStack = [event({ 'exception.stacktrace': stack })];

const start = cpuMicroseconds();
for (let index = 0; index < EVENTS; index += 1) JSON.stringify(attributes);
const scale = (cpuMicroseconds() - start) / EVENTS;

const rows: readonly (readonly [string, number, string])[] = [
  ['JSON.stringify, for scale', scale, ''],
  ['rules, SHA-256', microseconds({ detect: 'off' }, plain), '<= 2'],
  ['rules, HMAC', microseconds({ detect: 'off', key }, plain), '<= 6'],
  ['rules and default detectors', microseconds({}, plain), ''],
  ['rules and all detectors', microseconds({ detect: 'all' }, plain), '<= 12'],
  ['a stack trace of 3 KB more', microseconds({}, withStack) - microseconds({}, plain), '<= 15'],
];
for (const [name, value, line] of rows) {
  console.log(`${name.padEnd(32)} ${value.toFixed(2).padStart(8)} µs  ${line}`);
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
