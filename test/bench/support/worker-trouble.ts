import { DiagLogLevel, diag } from '@opentelemetry/api';

let trouble: string | undefined;

function note(...words: unknown[]): void {
  const text = words.join(' ');
  if (text.includes('worker thread')) trouble ??= text;
}

/** Listens for what the package says of its worker thread; to be called before it is used. */
export function watchWorker(): void {
  const ignore = (): void => {};
  const logger = { error: note, warn: note, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN });
}

/**
 * Where no thread can be had, the package sends from the main thread; a figure for a worker would
 * then be one for none.
 *
 * @throws Error in the package's own words.
 */
export function requireWorker(): void {
  if (trouble !== undefined) throw new Error(trouble);
}
