import { parseOptions } from '../parse-options.ts';

/** What can be asked of a spool. */
export const SPOOL_ACTIONS = ['status', 'list', 'replay', 'quarantine', 'export'] as const;

/** One of {@link SPOOL_ACTIONS}. */
export type SpoolAction = (typeof SPOOL_ACTIONS)[number];

/** Of which spool, and in which form. */
export interface SpoolQuery {
  readonly directory: string;
  /** Whole lines of JSON instead of a table; of the quarantine only. */
  readonly json: boolean;
}

/** A question about a spool, or the mistake in it. */
export type SpoolQuestion =
  | { readonly ok: true; readonly action: SpoolAction; readonly query: SpoolQuery }
  | { readonly ok: false; readonly mistake: string };

function isAction(word: string): word is SpoolAction {
  return SPOOL_ACTIONS.some((action) => action === word);
}

/** Reads what stands behind `immutablelog spool`. */
export function readSpoolQuestion([action = '', ...rest]: readonly string[]): SpoolQuestion {
  if (!isAction(action)) {
    return { ok: false, mistake: `Name what to do: ${SPOOL_ACTIONS.join(', ')}.` };
  }
  const parsed = parseOptions(rest, { dir: { type: 'string' }, json: { type: 'boolean' } });
  if (!parsed.ok) return { ok: false, mistake: parsed.mistake };
  const { dir, json = false } = parsed.values;
  if (json && action !== 'quarantine') {
    return { ok: false, mistake: 'Give --json with quarantine only; export is JSON by itself.' };
  }
  if (dir === undefined || dir === '') {
    return { ok: false, mistake: 'Name the directory of the spool with --dir.' };
  }
  return { ok: true, action, query: { directory: dir, json } };
}
