import { codeOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { ownFile } from '../runtime/process.ts';
import type { OpenEvent } from './pending.ts';
import type { Command, ReportBatch, SendCommand, PlainCommand, ThreadSetup } from './protocol.ts';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ResourceLimits } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';

/** Deaths within {@link WITHIN_MS} after which no thread is started any more. */
const MOST_DEATHS = 5;
const WITHIN_MS = 60_000;
const FIRST_WAIT_MS = 50;

/** Decides whether a thread that died is worth another. */
export interface RestartPolicy {
  /**
   * A thread died at this time (ms).
   *
   * @returns how long to wait before the next is started, ms; `undefined`: there is to be none
   */
  died(now: number): number | undefined;
}

/** Makes a policy that has seen no death: each wait is twice the one before. */
export function createRestartPolicy(): RestartPolicy {
  let deaths: readonly number[] = [];
  return {
    died(now) {
      deaths = [...deaths.filter((at) => now - at < WITHIN_MS), now];
      if (deaths.length >= MOST_DEATHS) return undefined;
      return FIRST_WAIT_MS * 2 ** (deaths.length - 1);
    },
  };
}

/** Gathers items, so that many cross between threads as one message. */
export interface Outbox<T> {
  /** Adds an item of so many bytes; it is posted with what is added shortly after. */
  add(item: T, bytes: number): void;
  /** Posts what has been gathered before anything else happens. */
  flush(): void;
}

/** What an {@link Outbox} is made of. */
export interface OutboxDeps<T> {
  readonly post: (items: readonly T[]) => void;
  /** Runs a function when the time to gather is over. */
  readonly defer: (run: () => void) => void;
  /** Bytes above which nothing more is gathered. */
  readonly fullBytes: number;
}

/** Makes an empty outbox. */
export function createOutbox<T>({ post, defer, fullBytes }: OutboxDeps<T>): Outbox<T> {
  let items: T[] = [];
  let gathered = 0;
  let deferred = false;

  function flush(): void {
    if (items.length === 0) return;
    const posted = items;
    items = [];
    gathered = 0;
    post(posted);
  }

  return {
    add(item, bytes) {
      items.push(item);
      gathered += bytes;
      if (gathered >= fullBytes) flush();
      else if (!deferred) {
        deferred = true;
        defer(() => {
          deferred = false;
          flush();
        });
      }
    },
    flush,
  };
}

/** An event to be posted, under the number that the thread knows its scope by. */
export interface OutgoingEvent {
  readonly kind: 'event';
  readonly scope: number;
  readonly open: OpenEvent;
}

/** What waits to be posted to the thread. */
export type Outgoing = PlainCommand | OutgoingEvent;

/** What can be written under one heading. */
function goTogether(a: OutgoingEvent, b: OutgoingEvent): boolean {
  const one = a.open.event.context;
  const other = b.open.event.context;
  return (
    one === other ||
    (a.scope === b.scope && one.sourceId === other.sourceId && one.awaited === other.awaited)
  );
}

function oneBehindTheOther(events: readonly OutgoingEvent[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { open } of events) size += open.event.request.bytes;
  const bodies = new Uint8Array(size);
  let at = 0;
  for (const { open } of events) {
    const { body, bytes } = open.event.request;
    bodies.set(body, at);
    at += bytes;
  }
  return bodies;
}

function sendCommand(first: OutgoingEvent, events: readonly OutgoingEvent[]): SendCommand {
  const { scope } = first;
  const { sourceId, awaited } = first.open.event.context;
  return {
    kind: 'send',
    scope,
    sourceId,
    awaited,
    ids: events.map(({ open }) => open.id),
    deadlines: events.map(({ open }) => open.event.context.deadline),
    idempotencyKeys: events.map(({ open }) => open.event.request.idempotencyKey),
    requestIds: events.map(({ open }) => open.event.request.requestId),
    sizes: events.map(({ open }) => open.event.request.bytes),
    bodies: oneBehindTheOther(events),
  };
}

/** Puts events that follow each other into one command; the order stays. */
export function gatherCommands(items: readonly Outgoing[]): readonly Command[] {
  const commands: Command[] = [];
  let gathered: OutgoingEvent[] = [];
  const close = (): void => {
    const [first] = gathered;
    if (first !== undefined) commands.push(sendCommand(first, gathered));
    gathered = [];
  };
  for (const item of items) {
    if (item.kind !== 'event') {
      close();
      commands.push(item);
      continue;
    }
    const [first] = gathered;
    if (first !== undefined && !goTogether(first, item)) close();
    gathered.push(item);
  }
  close();
  return commands;
}

/** The memory that goes over to the thread with them. */
export function memoryOf(commands: readonly Command[]): ArrayBuffer[] {
  return commands.flatMap((command) => (command.kind === 'send' ? [command.bodies.buffer] : []));
}

/**
 * Where the file of the thread is. It lies beside this one in the package; asked for is where the
 * package is, because a bundler moves this file but not that one.
 *
 * @throws Error when the package is not installed where this code runs from.
 */
export function resolveThreadFile(): URL {
  const require = createRequire(ownFile());
  const manifest = require.resolve('opentelemetry-exporter-immutablelog/package.json');
  return new URL('dist/worker.js', pathToFileURL(manifest));
}

/** What a thread is started from. */
export interface ThreadOptions {
  readonly file: URL;
  readonly setup: ThreadSetup;
  readonly env: NodeJS.ProcessEnv;
  readonly resourceLimits: ResourceLimits;
}

/** Who listens to a thread. */
export interface ThreadListener {
  onReports(batch: ReportBatch): void;
  /** It is gone, without having been asked to go; called once. */
  onDeath(death: ThreadDeath): void;
}

/** How a thread ended. */
export interface ThreadDeath {
  /** Code or name of the error, or the exit code; nothing else of it. */
  readonly detail: string;
  /** Whether it had begun its work. */
  readonly started: boolean;
}

/** A running thread. */
export interface Thread {
  post(commands: readonly Command[]): void;
  /** Ends it, whatever it does. */
  stop(): Promise<void>;
}

/** Of an error from the thread: its code, else its name; the words could hold anything. */
function errorDetail(error: unknown): string {
  const name: unknown =
    typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  const safeName = typeof name === 'string' && /^\w{1,64}$/.test(name) ? name : 'error';
  return codeOf(error) ?? safeName;
}

// What makes Node load code of the program (--import, --require) has no business in this thread.
function ownEnvironment({ NODE_OPTIONS: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/**
 * Starts a thread.
 *
 * It keeps the process alive from a message on until it says that it has nothing more to do that
 * would keep the process alive, had it been done on the main thread.
 *
 * @throws Error when the runtime has no threads to give.
 */
export function startThread(options: ThreadOptions, listener: ThreadListener): Thread {
  const { file, setup, env, resourceLimits } = options;
  const worker = new Worker(file, {
    name: 'immutablelog',
    execArgv: [],
    argv: [],
    env: ownEnvironment(env),
    workerData: setup,
    resourceLimits,
  });
  let posted = 0;
  let started = false;
  let stopping = false;
  let failure: string | undefined;
  worker.unref();
  worker.on('message', (batch: ReportBatch) => {
    started = true;
    if (batch.idleAfter === posted) worker.unref();
    if (!stopping) listener.onReports(batch);
  });
  worker.on('error', (error) => {
    failure ??= errorDetail(error);
  });
  worker.on('exit', (code) => {
    if (!stopping) listener.onDeath({ detail: failure ?? `exit code ${code}`, started });
  });
  return {
    post(commands) {
      posted += 1;
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of windows
      worker.postMessage(commands, memoryOf(commands));
    },
    async stop() {
      stopping = true;
      await worker.terminate();
    },
  };
}

/** Bytes that are gathered for one message at most, unless a single event is larger. */
const FULL_BYTES = 64 * 1024;

/** What keeps a thread running. */
export interface ThreadLinkDeps {
  /** Starts one; may throw. */
  readonly start: (listener: ThreadListener) => Thread;
  readonly policy: RestartPolicy;
  readonly clock: Clock;
  readonly onReports: (batch: ReportBatch) => void;
  /** A thread died: what it was told is forgotten. */
  readonly onDeath: () => void;
  /** Another will be started in a moment. */
  readonly onRestart: (detail: string) => void;
  /** A new thread stands in for a dead one. */
  readonly onReplaced: () => void;
  /** There will be no thread any more; called once. */
  readonly onGivenUp: (detail: string) => void;
}

/** The connection to the thread, whichever it is. */
export interface ThreadLink {
  /** Tells the thread something of so many bytes; nobody, while there is none. */
  tell(item: Outgoing, bytes: number): void;
  /** Ends the thread; there will be no other. */
  stop(): Promise<void>;
}

interface Line {
  readonly thread: Thread;
  readonly outbox: Outbox<Outgoing>;
}

/**
 * Starts a thread and replaces it when it dies, until the policy says that it is not worth it.
 *
 * Nobody would catch what is thrown in a listener or a timer: it would end the process. So all of
 * them run guarded: whatever one throws, the thread is given up.
 */
export function createThreadLink(deps: ThreadLinkDeps): ThreadLink {
  const { clock, policy } = deps;
  let line: Line | undefined;
  let stopped = false;
  let cancelRestart = (): void => {};

  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      giveUp(errorDetail(error));
    }
  }

  function giveUp(detail: string): void {
    if (stopped) return;
    const end = stop();
    end.catch(() => {});
    guarded(() => {
      deps.onGivenUp(detail);
    });
  }

  function safely<T>(listener: (value: T) => void): (value: T) => void {
    return (value) => {
      guarded(() => {
        listener(value);
      });
    };
  }

  function open(): void {
    guarded(() => {
      const listener = { onReports: safely(deps.onReports), onDeath: safely(onDeath) };
      const thread = deps.start(listener);
      const post = safely((items: readonly Outgoing[]) => {
        thread.post(gatherCommands(items));
      });
      const outbox = createOutbox<Outgoing>({ post, defer: setImmediate, fullBytes: FULL_BYTES });
      line = { thread, outbox };
    });
  }

  function onDeath({ detail, started }: ThreadDeath): void {
    line = undefined;
    // One that never came up would not the next time either.
    const waitMs = started ? policy.died(clock.now()) : undefined;
    deps.onDeath();
    if (stopped) return;
    if (waitMs === undefined) {
      giveUp(detail);
      return;
    }
    deps.onRestart(detail);
    const run = (): void => {
      open();
      if (line !== undefined) guarded(deps.onReplaced);
    };
    cancelRestart = clock.after({ ms: waitMs, hold: 'process', run });
  }

  async function stop(): Promise<void> {
    stopped = true;
    cancelRestart();
    const last = line;
    line = undefined;
    await last?.thread.stop();
  }

  open();
  return {
    tell(item, bytes) {
      line?.outbox.add(item, bytes);
    },
    stop,
  };
}
