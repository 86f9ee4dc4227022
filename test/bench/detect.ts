/**
 * What detection costs: per event of twenty attributes, per stack trace, and per adversarial text
 * at three sizes, which must grow no faster than the size.
 */
import { detect } from '../../src/redact/detectors/detect.ts';
import { stripSqlLiterals } from '../../src/redact/detectors/sql.ts';
import { redactUrls } from '../../src/redact/detectors/url.ts';
import { adversarialUnits } from '../support/adversarial-text.ts';

const ATTRIBUTES: readonly string[] = [
  ...['GET', '/users/:id', '/users/4711', 'https', 'api.example.com', '1.1', 'HTTP/1.1', 'billing'],
  ...['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0'],
  ...['usr_01HQZX3J', '4bf92f3577b34da6a3ce929d0e0e4736', 'postgresql', 'orders', 'eu-west-1'],
  ...['application/json', 'checkout', 'worker-7', 'user.created', 'pt-BR', 'joe@example.com'],
];
const FRAMES = Array.from(
  { length: 32 },
  (_, line) =>
    `    at Handler.process${line} (file:///srv/app/dist/handlers/orders.js:${line * 7}:13)`,
);
const STACK = ['Error: duplicate key', ...FRAMES].join('\n');

function microseconds(rounds: number, work: () => void): number {
  for (let round = 0; round < rounds / 4; round += 1) work();
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) work();
  return ((performance.now() - start) * 1000) / rounds;
}

function print(name: string, value: number): void {
  process.stdout.write(`${name.padEnd(44)} ${value.toFixed(2)} µs\n`);
}

function detectAll(scope: 'every' | 'text'): () => void {
  return () => {
    for (const attribute of ATTRIBUTES) detect(attribute, scope);
  };
}

print('20 attributes, every', microseconds(20_000, detectAll('every')));
print('20 attributes, text', microseconds(20_000, detectAll('text')));
print(
  `stack of ${STACK.length}, every`,
  microseconds(5000, () => detect(STACK, 'every')),
);
print(
  `stack of ${STACK.length}, text`,
  microseconds(5000, () => detect(STACK, 'text')),
);

const NO_URLS = { allow: new Set<string>(), replace: () => '[x]' };
for (const unit of adversarialUnits) {
  const costs = [16, 32, 64].map((size) => {
    const text = unit.repeat(Math.ceil((size * 1024) / unit.length));
    return microseconds(2, () => {
      detect(text, 'text');
      redactUrls(text, NO_URLS);
      stripSqlLiterals(text);
    });
  });
  print(JSON.stringify(unit).padEnd(24) + ' 16/32/64 KiB', costs[2] ?? 0);
  process.stdout.write(`    ${costs.map((cost) => Math.round(cost)).join(' ')}\n`);
}
