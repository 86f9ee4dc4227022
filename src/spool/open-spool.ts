import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { Ids } from '../runtime/ids.ts';
import type { Spool } from './spool.ts';

/** What a spool reaches of the outside world. */
export interface OpenSpoolDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
}
export function openSpool(
  config: { readonly directory: string; readonly maxBytes: number },
  deps: OpenSpoolDeps,
): Spool {
  throw new Error(`${config.directory}${typeof deps}`);
}
