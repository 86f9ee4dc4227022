import { parseOptions } from '../parse-options.ts';

/** What can be asked of a spool. */
export const SPOOL_ACTIONS = ['status', 'list', 'replay', 'quarantine', 'export'] as const;

/** One of {@link SPOOL_ACTIONS}. */
export type SpoolAction = (typeof SPOOL_ACTIONS)[number];

/** A question about a spool, or the mistake in it. */
export type SpoolQuestion =
  | { readonly ok: true; readonly action: SpoolAction; readonly directory: string }
  | { readonly ok: false; readonly mistake: string };

function isAction(word: string): word is SpoolAction {
  return SPOOL_ACTIONS.some((action) => action === word);
}

/** Reads what stands behind `immutablelog spool`. */
export function readSpoolQuestion([action = '', ...rest]: readonly string[]): SpoolQuestion {
  if (!isAction(action)) {
    return { ok: false, mistake: `Name what to do: ${SPOOL_ACTIONS.join(', ')}.` };
  }
  const parsed = parseOptions(rest, { dir: { type: 'string' } });
  if (!parsed.ok) return { ok: false, mistake: parsed.mistake };
  const { dir } = parsed.values;
  if (dir === undefined || dir === '') {
    return { ok: false, mistake: 'Name the directory of the spool with --dir.' };
  }
  return { ok: true, action, directory: dir };
}
