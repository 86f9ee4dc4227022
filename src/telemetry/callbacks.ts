import { runAsOwn } from '../runtime/own-context.ts';

/**
 * Calls a function of the caller's so that nothing it does harms the event.
 *
 * Log records and spans it emits are not exported again: a callback that logs each receipt would
 * otherwise make a receipt of each log record, without end.
 */
export function callSafely(call: () => unknown, onError: () => void): void {
  runAsOwn(() => {
    try {
      const result = call();
      // An async callback is not awaited, but its rejection must not end the process.
      if (result instanceof Promise) result.catch(onError);
    } catch {
      onError();
    }
  });
}
