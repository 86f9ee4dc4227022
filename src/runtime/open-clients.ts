import process from 'node:process';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

/** Time for the end of a client, an exporter, a process where no option says otherwise; in ms. */
export const SHUTDOWN_TIMEOUT_MS = 5_000;
/** What is left then is told that it has ended, which takes no time; in ms. */
export const LAST_WORD_MS = 1_000;

/** What a client is asked when the process ends, or an invocation of it. */
export interface OpenClient {
  /** Time for the end, ms. */
  readonly shutdownTimeoutMs: number;
  /** Whether events are under way that are neither settled nor on disk. */
  isBusy(): boolean;
  /** Events lost so far. */
  lost(): number;
  /**
   * Ends the waits; gives whether, within so many ms, everything handed in so far was settled. Never
   * rejects.
   */
  settle(withinMs: number): Promise<boolean>;
  /** Waits are short from now on. */
  finish(): void;
  /** Ends everything within so many ms. Never rejects. */
  close(withinMs: number): Promise<void>;
}

interface Registry {
  clients: WeakRef<OpenClient>[];
}

// The package may be in a process twice, as ES module and as CommonJS, and in several versions.
const REGISTRY = Symbol.for('opentelemetry-exporter-immutablelog.clients.1');

function registry(): Registry {
  const known: unknown = Reflect.get(globalThis, REGISTRY);
  // Nobody else knows the symbol.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (known !== undefined) return known as Registry;
  const made: Registry = { clients: [] };
  Object.defineProperty(globalThis, REGISTRY, { value: made });
  process.on('beforeExit', () => {
    for (const client of openClients()) void holdProcess(client, systemClock);
  });
  return made;
}

/** The clients of this process that were not closed, of all copies of the package. */
export function openClients(): readonly OpenClient[] {
  return registry()
    .clients.map((each) => each.deref())
    .filter((client) => client !== undefined);
}

/**
 * Enters a client, for as long as it lives; those that nobody holds any more are let go of.
 *
 * @returns how to take it out, once it is closed
 */
export function enlist(client: OpenClient): () => void {
  const all = registry();
  all.clients = all.clients.filter((each) => each.deref() !== undefined);
  const entry = new WeakRef(client);
  all.clients.push(entry);
  return () => {
    all.clients = all.clients.filter((each) => each !== entry);
  };
}

/** Wait before repetitions are hurried again, ms: the process waits for nothing else any more. */
const HURRY_EVERY_MS = 1_000;

// What had its time and was not settled is not held for a second time.
const given = new WeakSet<OpenClient>();

/**
 * Holds the process, which has nothing else to do, until the events of a client are settled, for its
 * `shutdownTimeoutMs` at most.
 */
export async function holdProcess(client: OpenClient, clock: Clock): Promise<void> {
  if (!client.isBusy()) {
    given.delete(client);
    return;
  }
  if (given.has(client)) return;
  given.add(client);
  const until = clock.now() + client.shutdownTimeoutMs;
  for (;;) {
    const left = until - clock.now();
    if (!client.isBusy() || left <= 0) return;
    await client.settle(Math.min(left, HURRY_EVERY_MS));
  }
}
