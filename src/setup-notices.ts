import type { Environment } from './config/env.ts';
import type { ClientConfig } from './config/resolve.ts';
import { keylessWarning } from './redact/keyless-warning.ts';
import type { Diagnostics } from './runtime/diagnostics.ts';

// Once per process and notice: a service often makes a client for each signal, from one setup.
const told = new Set<string>();

/** Tells what in the setup deserves a second look: ignored variables, digests without a key. */
export function reportSetup(
  diagnostics: Diagnostics,
  environment: Environment,
  config: ClientConfig,
): void {
  for (const { variable, expected } of environment.ignored) {
    if (told.has(variable)) continue;
    told.add(variable);
    diagnostics.report({ code: 'environment_ignored', variable, expected });
  }
  const explanation = keylessWarning(config.redaction);
  if (explanation === undefined || told.has('digests_without_key')) return;
  told.add('digests_without_key');
  diagnostics.report({ code: 'digests_without_key', explanation });
}
