import process from 'node:process';
import { ImmutableLogClient } from '../client.ts';
import type { IgnoredVariable } from '../config/environment.ts';
import { readEnvironment } from '../config/environment.ts';
import { REDACT } from '../config/option-table.ts';
import type { ClientOptions } from '../config/options.ts';
import { isExporterError } from '../errors.ts';
import type { RedactKey, RedactOptions } from '../redact/options.ts';
import { parseRedactKeys } from '../redact/resolve.ts';
import type { Checked, CommandIo } from './command.ts';

/**
 * Reads `IMTBL_REDACT_KEY`. An exporter sends nothing with a bad key; a command says what is
 * stored, and must not guess.
 */
export function loadRedactKeys(env: CommandIo['env']): Checked<readonly RedactKey[]> {
  const text = env['IMTBL_REDACT_KEY']?.trim() ?? '';
  if (text === '') return { ok: true, value: [] };
  try {
    return { ok: true, value: parseRedactKeys(text) };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `IMTBL_REDACT_KEY cannot be used: ${error.message}.` };
  }
}

/**
 * What the variables say of redaction, as an exporter would take it; `replaced` are the options that
 * the command line gives itself. A command tries what there is, and must not guess.
 */
export function loadRedaction(
  env: CommandIo['env'],
  replaced: RedactOptions = {},
): Checked<RedactOptions> {
  const keys = loadRedactKeys(env);
  if (!keys.ok) return keys;
  const { redact, unusable, ignored } = readEnvironment({ ...env });
  for (const name of unusable) {
    if (replaced[name] !== undefined) continue;
    const wrong = ignored.find(
      ({ variable, meant }) => (meant ?? variable) === REDACT[name].variable?.name,
    );
    if (wrong !== undefined) return { ok: false, mistake: unusableMistake(wrong) };
  }
  const { rules, mode, detect } = replaced;
  return {
    ok: true,
    value: {
      ...replaced,
      key: keys.value,
      rules: rules ?? redact.rules,
      mode: mode ?? redact.mode,
      detect: detect ?? redact.detect,
    },
  };
}

function unusableMistake({ variable, expected }: IgnoredVariable): string {
  return `${variable} cannot be used: expected ${expected}.`;
}

/**
 * Opens the client that a program with this environment would have. Where a program is warned
 * and goes on, a command fails: somebody is there to put it right.
 */
export function openClient(
  env: CommandIo['env'],
  retry: NonNullable<ClientOptions['retry']> = {},
): Checked<ImmutableLogClient> {
  const { options, serviceFallback, envFallback, redact, ignored } = readEnvironment({ ...env });
  const [first] = ignored;
  if (first !== undefined) return { ok: false, mistake: unusableMistake(first) };
  const { spans, logs, ignorePaths, warningType, clientIp, spool, ...own } = options;
  if (own.apiKey === undefined) return { ok: false, mistake: 'IMTBL_API_KEY is not set.' };
  const origin = { service: serviceFallback, env: envFallback };
  try {
    const create = () => new ImmutableLogClient({ ...own, ...origin, redact, retry });
    return { ok: true, value: withoutSpool(create) };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `${error.message}.` };
  }
}

const SPOOL_VARIABLE = 'IMTBL_SPOOL_DIR';

/**
 * Somebody waits for the answer of the ledger, good or bad; with a spool it would be waited for
 * until the ledger is back. A client reads the variables of its process itself.
 */
function withoutSpool(create: () => ImmutableLogClient): ImmutableLogClient {
  const directory = process.env[SPOOL_VARIABLE];
  Reflect.deleteProperty(process.env, SPOOL_VARIABLE);
  try {
    return create();
  } finally {
    if (directory !== undefined) process.env[SPOOL_VARIABLE] = directory;
  }
}
