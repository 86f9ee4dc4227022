import type { Clock } from '../runtime/clock.ts';
import type { Transport } from './transport.ts';

/**
 * Limits each attempt to `timeoutMs` of wall clock, headers and body, and never beyond the
 * event's own deadline. The transport below keeps the deadline it is given.
 */
export function withTimeout(next: Transport, timeoutMs: number, clock: Clock): Transport {
  return {
    send(request, context) {
      const deadline = Math.min(context.deadline, clock.now() + timeoutMs);
      return next.send(request, { ...context, deadline });
    },
  };
}
