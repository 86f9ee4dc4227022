import type { Lost } from '../delivery/fate.ts';
import { dropError } from '../delivery/fate.ts';
import { ExporterError } from '../errors.ts';
import { ownWords } from '../runtime/own-words.ts';

/**
 * What the SDK is told of a batch: `code` 0 for success, 1 for failure, as in
 * `ExportResultCode` of `@opentelemetry/core`.
 */
export interface ExportResult {
  /** 0 success, 1 failure. */
  code: 0 | 1;
  /** Why it failed: an `ExporterError` with the counts in its message. */
  error?: Error;
}

/** Told once per batch. */
export type ResultCallback = (result: ExportResult) => void;

/** A batch that was not even tried. */
export function refused(): ExportResult {
  return {
    code: 1,
    error: new ExporterError('shutdown', ownWords('shut down, the batch was refused')),
  };
}

function summarise(lost: readonly Lost[], total: number): string {
  const counts = new Map<string, number>();
  for (const { reason } of lost) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return ownWords(`${lost.length} of ${total} events were not accepted: ${parts.join(', ')}`);
}

/** The result of a batch: success when nothing of it was lost. */
export function resultOf(lost: readonly Lost[], total: number): ExportResult {
  const [first] = lost;
  if (first === undefined) return { code: 0 };
  const { reason, failure } = first;
  const cause = dropError(reason, failure);
  const error = new ExporterError(reason, summarise(lost, total), {
    cause,
    status: failure.status,
  });
  return { code: 1, error };
}
