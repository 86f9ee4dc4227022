import type { Lifetime, OwnLifetime } from './lifetime.ts';
import { createLifetime } from './lifetime.ts';

/** A lifetime that ends with its parent or with the caller's signal, whichever is first. */
export interface JoinedLifetime {
  readonly lifetime: Lifetime;
  /** Lets go of both; to be called when the send is settled. */
  readonly release: () => void;
}

function follow(parent: Lifetime, child: OwnLifetime): () => void {
  const onAbort = (): void => {
    child.abort('shutdown');
  };
  const onWake = (): void => {
    if (parent.closing) child.finish();
    else child.hurry();
    parent.wake.addEventListener('abort', onWake, { once: true });
    watched = parent.wake;
  };
  let watched = parent.wake;
  parent.signal.addEventListener('abort', onAbort, { once: true });
  watched.addEventListener('abort', onWake, { once: true });
  return () => {
    parent.signal.removeEventListener('abort', onAbort);
    watched.removeEventListener('abort', onWake);
  };
}

/**
 * Joins a parent's lifetime with the signal a caller gave for one send. Written out instead of
 * `AbortSignal.any`, which in Node 20 keeps every joined signal alive as long as its source.
 */
export function joinSignal(parent: Lifetime, signal: AbortSignal): JoinedLifetime {
  const child = createLifetime('process');
  if (parent.signal.aborted) child.abort('shutdown');
  if (signal.aborted) child.abort('aborted');
  if (parent.closing) child.finish();
  const onAbort = (): void => {
    child.abort('aborted');
  };
  const unfollow = follow(parent, child);
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    lifetime: child,
    release() {
      unfollow();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
