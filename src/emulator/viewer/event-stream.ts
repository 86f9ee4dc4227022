import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Ledger } from '../ledger.ts';

/**
 * Sends the ledger to every open page as server-sent events.
 *
 * - A page gets every entry once and in order: those that are there, then each new one.
 * - A page that comes back says how far it got and goes on there; after a restart of the emulator
 *   it starts anew and is told so.
 * - A slow page is waited for. What it has not read yet stays in the ledger, not in a buffer.
 */
export interface EventStream {
  /** Opens the stream of one page. */
  open(response: ServerResponse, lastEventId: string | undefined): void;
  /** Says that the ledger has grown. */
  wake(): void;
}

/** Entries in one message: few enough that a page stays quick, many enough for 10,000 in a second. */
const BATCH_ENTRIES = 200;
/** A burst of events becomes one message per page and interval. */
const GATHER_MS = 40;
const RECONNECT_MS = 1_000;

/** Creates the streams of one ledger. */
export function createEventStream(ledger: Pick<Ledger, 'after'>): EventStream {
  const instance = randomUUID();
  const pumps = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return {
    open(response, lastEventId) {
      const start = positionIn(lastEventId, instance);
      response.write(`retry: ${RECONNECT_MS}\nevent: from\ndata: ${start}\n\n`);
      const pump = createPump(response, { ledger, instance, start });
      pumps.add(pump);
      response.once('close', () => pumps.delete(pump));
      pump();
    },
    wake() {
      if (pumps.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const pump of pumps) pump();
      }, GATHER_MS).unref();
    },
  };
}

function createPump(
  response: ServerResponse,
  from: {
    readonly ledger: Pick<Ledger, 'after'>;
    readonly instance: string;
    readonly start: number;
  },
): () => void {
  let position = from.start;
  let isBlocked = false;
  const pump = (): void => {
    while (!isBlocked && !response.destroyed) {
      const entries = from.ledger.after(position, BATCH_ENTRIES);
      if (entries.length === 0) return;
      position += entries.length;
      const message = `id: ${from.instance}:${position}\ndata: ${JSON.stringify(entries)}\n\n`;
      isBlocked = !response.write(message);
    }
  };
  response.on('drain', () => {
    isBlocked = false;
    pump();
  });
  return pump;
}

/** How many entries a page has already; 0 when it has those of another emulator, or none. */
function positionIn(lastEventId: string | undefined, instance: string): number {
  const position = lastEventId?.startsWith(`${instance}:`)
    ? lastEventId.slice(instance.length + 1)
    : '0';
  return /^\d{1,15}$/.test(position) ? Number(position) : 0;
}
