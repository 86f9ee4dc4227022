import type { Lease, Liveness } from '../../src/spool/directory.ts';

/** Liveness that the test decides. */
export interface FakeLiveness extends Liveness {
  /** Everybody who holds a directory now is dead from now on. */
  killAll(): void;
}

/** Makes one where who holds a directory lives. */
export function fakeLiveness(): FakeLiveness {
  let held = new Set<string>();
  function lease(directory: string): Promise<Lease> {
    held.add(directory);
    return Promise.resolve({
      release() {
        held.delete(directory);
        return Promise.resolve();
      },
    });
  }
  return {
    lease,
    retake: lease,
    isAlive: (directory) => Promise.resolve(held.has(directory)),
    killAll() {
      held = new Set();
    },
  };
}
