import type { Fault } from './faults.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** Scripted faults, each used up by the requests it applies to. */
export interface FaultQueue {
  /** Puts faults at the end. @throws RangeError when a number in one is out of range. */
  add(faults: readonly Fault[]): void;
  /** Takes one use of the first fault that is for this request. */
  takeForRequest(request: RecordedRequest): Fault | undefined;
  /** Takes one use of the first fault that is for new connections; whether there was one. */
  takeForConnection(): boolean;
  /** Forgets all faults. */
  clear(): void;
}

/** Node turns a longer timer into one of a millisecond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Pending {
  readonly fault: Fault;
  left: number;
}

/** Creates an empty queue. */
export function createFaultQueue(): FaultQueue {
  const requests: Pending[] = [];
  const connections: Pending[] = [];
  return {
    add(faults) {
      faults.forEach(requireValid);
      for (const fault of faults) {
        const queue = fault.closeOnAccept === true ? connections : requests;
        queue.push({ fault, left: fault.times ?? 1 });
      }
    },
    takeForRequest: (request) => take(requests, (fault) => fault.when?.(request) ?? true),
    takeForConnection: () => take(connections, () => true) !== undefined,
    clear() {
      requests.length = 0;
      connections.length = 0;
    },
  };
}

function take(queue: Pending[], applies: (fault: Fault) => boolean): Fault | undefined {
  const index = queue.findIndex(({ fault }) => applies(fault));
  const pending = queue[index];
  if (pending === undefined) return undefined;
  pending.left -= 1;
  if (pending.left <= 0) queue.splice(index, 1);
  return pending.fault;
}

function requireValid({ times = 1, status = 200, delayMs = 0, slowHeadersMs = 0 }: Fault): void {
  if (times !== Infinity && !isWholeBetween(times, 1, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError('times must be a whole number from 1 on, or Infinity');
  }
  if (!isWholeBetween(status, 200, 599)) throw new RangeError('status must be from 200 to 599');
  for (const milliseconds of [delayMs, slowHeadersMs]) {
    if (!isWholeBetween(milliseconds, 0, MAX_TIMER_MS)) {
      throw new RangeError(`delayMs and slowHeadersMs must be from 0 to ${MAX_TIMER_MS}`);
    }
  }
}

function isWholeBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
