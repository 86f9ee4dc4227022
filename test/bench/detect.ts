/**
 * What detection costs: per event of twenty attributes, per stack trace, and per adversarial text
 * at two sizes, which must grow no faster than the size.
 */
import { detect, isPlain } from '../../src/redact/detectors/detect.ts';
import { stripSqlLiterals } from '../../src/redact/detectors/sql.ts';
import { redactUrls } from '../../src/redact/detectors/url.ts';
import { ScanBudget, createRedactionCounters } from '../../src/redact/accounting.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import { createScanText } from '../../src/redact/text.ts';
import { adversarialUnits } from '../support/adversarial-text.ts';
import { byMode } from './support/mode.ts';

const ATTRIBUTES: readonly string[] = [
  ...['GET', '/users/:id', '/users/4711', 'https', 'api.example.com', '1.1', 'HTTP/1.1', 'billing'],
  ...['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0'],
  ...['usr_01HQZX3J', '4bf92f3577b34da6a3ce929d0e0e4736', 'postgresql', 'orders', 'eu-west-1'],
  ...['application/json', 'checkout', 'worker-7', 'user.created', 'pt-BR', 'joe@example.com'],
];
const BODY =
  'payment of order 48213 for customer usr_83jd93 declined by acquirer after 3 attempts: ' +
  'insufficient funds (code 51), see https://pay.example.com/orders/48213';
const FRAMES = Array.from(
  { length: 37 },
  (_, line) =>
    `    at Handler.process${line} (file:///srv/app/dist/handlers/orders.js:${line * 7}:13)`,
);
const STACK = ['Error: duplicate key', ...FRAMES].join('\n');
const ROUNDS = byMode(12, 3, 1);

/** Time on the processor in the best round, which other programs disturb least. */
function microseconds(repeats: number, work: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    for (let count = 0; count < repeats; count += 1) work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / repeats;
  });
  return Math.min(...rounds);
}

function print(name: string, value: number): void {
  process.stdout.write(`${name.padEnd(44)} ${value.toFixed(2)} µs\n`);
}

const NO_URLS = { allow: new Set<string>(), replace: () => '[x]' };

/** What the redactor does with a text that has no rule of its own. */
function scan(text: string, scope: 'every' | 'text'): void {
  if (!isPlain(text, scope)) detect(redactUrls(text, NO_URLS), scope);
}

function scanEvent(scope: 'every' | 'text'): void {
  for (const attribute of ATTRIBUTES) scan(attribute, scope);
  scan(BODY, 'text');
}

const scans = { every: scanWith('text'), text: scanWith('all') };

function scanWith(detect: 'text' | 'all'): ReturnType<typeof createScanText> {
  const counters = createRedactionCounters();
  const budget = new ScanBudget(counters);
  const scanText = createScanText(resolveRedactOptions({ detect }), () => '[x]', counters, budget);
  return (text, textKind) => {
    budget.refill();
    return scanText(text, textKind);
  };
}

for (const scope of ['every', 'text'] as const) {
  print(
    `20 attributes and a body, ${scope}`,
    microseconds(2000, () => {
      scanEvent(scope);
    }),
  );
  print(
    `stack of ${STACK.length}, frames ${scope}`,
    microseconds(500, () => {
      scans[scope](STACK, 'stack');
    }),
  );
}

for (const unit of adversarialUnits) {
  const costs = [16, 64].map((size) => {
    const text = unit.repeat(Math.ceil((size * 1024) / unit.length));
    return microseconds(1, () => {
      detect(text, 'text');
      redactUrls(text, NO_URLS);
      stripSqlLiterals(text);
    });
  });
  print(JSON.stringify(unit).padEnd(24) + ' 16/64 KiB', costs[1] ?? 0);
  process.stdout.write(`    ${costs.map((cost) => Math.round(cost)).join(' ')}\n`);
}
