import process from 'node:process';
import { ImmutableLogClient } from '../client.ts';
import { readEnvironment } from '../config/environment.ts';
import type { ClientOptions } from '../config/options.ts';
import { isExporterError } from '../errors.ts';
import type { RedactKey } from '../redact/options.ts';
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
 * Opens the client that a program with this environment would have. Where a program is warned
 * and goes on, a command fails: somebody is there to put it right.
 */
export function openClient(
  env: CommandIo['env'],
  retry: NonNullable<ClientOptions['retry']> = {},
): Checked<ImmutableLogClient> {
  const { options, serviceFallback, envFallback, ignored } = readEnvironment({ ...env });
  const [first] = ignored;
  if (first !== undefined) {
    return { ok: false, mistake: `${first.variable} cannot be used: expected ${first.expected}.` };
  }
  const loaded = loadRedactKeys(env);
  if (!loaded.ok) return loaded;
  const { spans, logs, ignorePaths, warningType, clientIp, spool, ...own } = options;
  if (own.apiKey === undefined) return { ok: false, mistake: 'IMTBL_API_KEY is not set.' };
  const origin = { service: serviceFallback, env: envFallback };
  try {
    const redact = loaded.value.length === 0 ? {} : { key: loaded.value };
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
