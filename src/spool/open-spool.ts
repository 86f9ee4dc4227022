import type { Clock } from '../runtime/clock.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';
import type { Ids } from '../runtime/process.ts';
import { requireSafeNow, spoolPaths, writerName } from './directory.ts';
import { FileSpool } from './file-spool.ts';
import { nodeFiles } from './node-files.ts';
import { createNodeLiveness } from './node-liveness.ts';
import { encodeFrames, encodeHeader } from './segment-format.ts';
import { segmentPath } from './segments.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import { join } from 'node:path';

/** What a spool reaches of the outside world. */
export interface OpenSpoolDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly diagnostics: Diagnostics;
}

/** Most bytes and where. */
export interface OpenSpoolOptions {
  readonly directory: string;
  readonly maxBytes: number;
}

/**
 * Writes entries, blocking, into a directory of their own, for who finds them: for the `exit` event
 * of a process whose spool is in another thread.
 *
 * @throws Error when the directory is not one's own, or the disk refuses them.
 */
export function storeNow(
  directory: string,
  entries: readonly SpoolEntry[],
  deps: Pick<OpenSpoolDeps, 'clock' | 'ids'>,
): void {
  if (entries.length === 0) return;
  const paths = spoolPaths(directory);
  requireSafeNow(nodeFiles, paths);
  const writer = writerName(deps.clock.wallTime(), deps.ids.newId());
  const path = segmentPath(join(paths.writers, writer), 1);
  const frames = encodeFrames(entries, 1, deps.clock.wallTime());
  nodeFiles.createFileNow(path, Buffer.concat([encodeHeader(writer), frames]));
}

/** Opens the spool of a client on the disk of this machine. */
export function openSpool({ directory, maxBytes }: OpenSpoolOptions, deps: OpenSpoolDeps): Spool {
  const { clock, ids, diagnostics } = deps;
  return new FileSpool({
    directory,
    maxBytes,
    files: nodeFiles,
    liveness: createNodeLiveness(clock),
    clock,
    newWriter: () => writerName(clock.wallTime(), ids.newId()),
    onDamage: () => {
      diagnostics.report({ code: 'spool_damaged', count: 1 });
    },
    onReadError: (detail) => {
      diagnostics.report({ code: 'spool_unreadable', detail });
    },
  });
}
