import type { ResourceLimits } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { memoryOf } from './gather-commands.ts';
import type { Command, News, ThreadSetup } from './protocol.ts';

/** What a thread is started from. */
export interface ThreadOptions {
  readonly file: URL;
  readonly setup: ThreadSetup;
  readonly env: NodeJS.ProcessEnv;
  readonly resourceLimits: ResourceLimits;
}

/** Who listens to a thread. */
export interface ThreadListener {
  onNews(news: News): void;
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
export function errorDetail(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'error';
  const { code, name }: { code?: unknown; name?: unknown } = error;
  const safe = [code, name].find((word) => typeof word === 'string' && /^\w{1,64}$/.test(word));
  return typeof safe === 'string' ? safe : 'error';
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
  worker.on('message', (news: News) => {
    started = true;
    if (news.idleAfter === posted) worker.unref();
    if (!stopping) listener.onNews(news);
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
