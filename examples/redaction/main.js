/**
 * The redaction that all events go through, by itself: for other data, or to see what it does.
 *
 *   node examples/redaction/main.js
 */
import { createRedactor, digest } from 'opentelemetry-exporter-immutablelog';

const redactor = createRedactor({ rules: [{ match: 'patient.**', action: 'hash' }] });

const record = redactor.redact({ patient: { name: 'Ana' }, note: 'write to ana@example.com' });
console.log(JSON.stringify(record));
console.log(redactor.redactText('CPF 529.982.247-25')); // CPF [cpf]
console.log(redactor.stats()); // counts by action and class, never values
console.log(digest('Ana@Example.com', 'email')); // as `immutablelog digest --class email`
