import type { Clock } from '../../runtime/clock.ts';
import type { Outgoing } from './gather-commands.ts';
import { gatherCommands } from './gather-commands.ts';
import type { Outbox } from './outbox.ts';
import { createOutbox } from './outbox.ts';
import type { News } from './protocol.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type { Thread, ThreadDeath, ThreadListener } from './thread.ts';
import { errorDetail } from './thread.ts';

/** Bytes that are gathered for one message at most, unless a single event is larger. */
const FULL_BYTES = 64 * 1024;

/** What keeps a thread running. */
export interface ThreadLinkDeps {
  /** Starts one; may throw. */
  readonly start: (listener: ThreadListener) => Thread;
  readonly policy: RestartPolicy;
  readonly clock: Clock;
  readonly onNews: (news: News) => void;
  /** A thread died: what it was told is forgotten. */
  readonly onDeath: () => void;
  /** Another will be started in a moment. */
  readonly onRestart: (detail: string) => void;
  /** A new thread stands in for a dead one. */
  readonly onReplaced: () => void;
  /** There will be no thread any more. */
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

/** Starts a thread and replaces it when it dies, until the policy says that it is not worth it. */
export function createThreadLink(deps: ThreadLinkDeps): ThreadLink {
  const { clock, policy } = deps;
  let line: Line | undefined;
  let stopped = false;
  let cancelRestart = (): void => {};

  function open(): void {
    try {
      const thread = deps.start({ onNews: deps.onNews, onDeath });
      const outbox = createOutbox<Outgoing>({
        post: (items) => {
          thread.post(gatherCommands(items));
        },
        defer: setImmediate,
        fullBytes: FULL_BYTES,
      });
      line = { thread, outbox };
    } catch (error) {
      stopped = true;
      deps.onGivenUp(errorDetail(error));
    }
  }

  function onDeath({ detail, started }: ThreadDeath): void {
    line = undefined;
    // One that never came up would not the next time either.
    const waitMs = started ? policy.died(clock.now()) : undefined;
    deps.onDeath();
    if (stopped) return;
    if (waitMs === undefined) {
      stopped = true;
      deps.onGivenUp(detail);
      return;
    }
    deps.onRestart(detail);
    const run = (): void => {
      open();
      if (line !== undefined) deps.onReplaced();
    };
    cancelRestart = clock.after({ ms: waitMs, hold: 'process', run });
  }

  open();
  return {
    tell(item, bytes) {
      line?.outbox.add(item, bytes);
    },
    async stop() {
      stopped = true;
      cancelRestart();
      const last = line;
      line = undefined;
      await last?.thread.stop();
    },
  };
}
