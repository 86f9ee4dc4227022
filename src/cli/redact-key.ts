import { isExporterError } from '../errors.ts';
import type { RedactKey } from '../redact/options.ts';
import { parseRedactKey } from '../redact/resolve-key.ts';
import type { CommandIo } from './command.ts';

/** The key of the environment, where there is one, or why it cannot be used. */
export type LoadedKey =
  | { readonly ok: true; readonly key: RedactKey | undefined }
  | { readonly ok: false; readonly mistake: string };

/**
 * Reads `IMTBL_REDACT_KEY`. An exporter warns about a bad key and goes on without; a command says
 * what is stored, and must not guess.
 */
export function loadRedactKey(env: CommandIo['env']): LoadedKey {
  const text = env['IMTBL_REDACT_KEY']?.trim() ?? '';
  if (text === '') return { ok: true, key: undefined };
  try {
    return { ok: true, key: parseRedactKey(text) };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `IMTBL_REDACT_KEY cannot be used: ${error.message}.` };
  }
}
