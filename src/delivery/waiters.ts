import type { RecordRef } from '../spool/spool.ts';
import type { AwaitedFate } from './fate.ts';
import type { Lifetime } from './lifetime.ts';
import { endReason } from './lifetime.ts';

/** Those who await that a record on disk gets into the ledger. */
export interface Waiters {
  /** Resolves with what came of it, or when the lifetime ends. Never rejects. */
  wait(ref: RecordRef, lifetime: Lifetime): Promise<AwaitedFate>;
  tell(ref: RecordRef, fate: AwaitedFate): void;
  tellAll(fate: AwaitedFate): void;
  readonly size: number;
}

const nameOf = ({ writer, sequence }: RecordRef): string => `${writer}/${sequence}`;

/** Makes an empty room. */
export function createWaiters(): Waiters {
  const waiting = new Map<string, (fate: AwaitedFate) => void>();

  function tellName(name: string, fate: AwaitedFate): void {
    const told = waiting.get(name);
    waiting.delete(name);
    told?.(fate);
  }

  return {
    wait(ref, lifetime) {
      const name = nameOf(ref);
      return new Promise((resolve) => {
        const onAbort = (): void => {
          const failure = { detail: 'no longer awaited; kept in the spool', status: undefined };
          tellName(name, { kind: 'dropped', reason: endReason(lifetime), failure });
        };
        waiting.set(name, (fate) => {
          lifetime.signal.removeEventListener('abort', onAbort);
          resolve(fate);
        });
        if (lifetime.signal.aborted) onAbort();
        else lifetime.signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    tell(ref, fate) {
      if (waiting.size > 0) tellName(nameOf(ref), fate);
    },
    tellAll(fate) {
      for (const name of waiting.keys()) tellName(name, fate);
    },
    get size() {
      return waiting.size;
    },
  };
}
