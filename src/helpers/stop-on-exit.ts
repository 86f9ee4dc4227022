import { systemClock } from '../runtime/clock.ts';
import type { Endable } from '../runtime/endings.ts';
import { Endings, processGuard } from '../runtime/endings.ts';
import { openClients } from '../runtime/open-clients.ts';

/** What {@link stopOnExit} ends: it has at least one of these methods. */
export type Stoppable =
  | {
      /** As `NodeSDK`, providers, processors and exporters have it. */
      shutdown(): Promise<unknown>;
    }
  | {
      /** As `ImmutableLogClient` has it. */
      close(): Promise<unknown>;
    };

/**
 * Loses nothing when the process ends: flushes and closes these things, and the clients of this
 * package that stand behind them, on `SIGTERM`, on `SIGINT` and when nothing is left to do. All of it
 * takes `shutdownTimeoutMs` at most.
 *
 * - The exit code is the one without it: 128 + the number of the signal, or that of the program. A
 *   second signal ends the process at once.
 * - Where the program listens to the signal itself, it ends when it likes, by `process.exit()`:
 *   records are sent on and on until then.
 * - `process.exit()` called by the program leaves no time: await `client.flush()`, or the flush of a
 *   provider, before it.
 * - One that throws, rejects or hangs stops none of the others. May be called more than once, also
 *   beside `./register`.
 *
 * @param things - the SDK, providers, processors, exporters, clients; without any, the clients of the
 * process
 * @returns takes it back, for tests and for programs that are loaded anew
 *
 * @example
 * ```ts
 * const sdk = new NodeSDK({ spanProcessors: [new ImmutableLogSpanProcessor()] });
 * sdk.start();
 * stopOnExit(sdk);
 * ```
 */
export function stopOnExit(...things: readonly Stoppable[]): () => void {
  const endable: readonly Endable[] = things;
  const endings = new Endings({ things: endable, clients: openClients }, systemClock);
  return processGuard().add(endings);
}
