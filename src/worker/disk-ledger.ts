import type { DeliveryEvents } from '../delivery/delivery.ts';
import type { Diagnostics } from '../runtime/diagnostics.ts';

/** An event that left the disk. */
export interface Left {
  /** The account it is on. */
  readonly sourceId: number;
  /** Whether it was found on disk, and could not be told from one's own until now. */
  readonly unannounced: boolean;
}

/**
 * Knows what of the main thread's events is on disk, so that the death of a thread makes nothing
 * count twice.
 *
 * - What a dead thread had stored is found on disk by the next one; only what is beyond that was
 *   left by an earlier process.
 * - An event whose storing a dead thread did not live to confirm is handed over again, under the
 *   same key: however often it is on disk then, its delivery counts once.
 * - What left the disk a moment before a death may be there still, since its acknowledgement was not
 *   saved: it is sent once more, and neither counts nor is told again.
 * - The next thread does not know on whose account the found events are; the number of each
 *   account's events is right again when they are delivered.
 */
export interface DiskLedger {
  stored(sourceId: number): void;
  /** The thread is gone; the events under these keys are handed over again. */
  died(keysAgain: readonly string[]): void;
  /** So many events were found on disk; gives how many of them are of an earlier process. */
  found(count: number): number;
  /**
   * An event left the disk. `handedOver` says whether the event under this key is about to be
   * stored (again).
   *
   * @returns `undefined` when it was counted before, or will be
   */
  left(sourceId: number, key: string, handedOver: () => boolean): Left | undefined;
  /** Nothing is on disk any more, not even twice. */
  emptied(): void;
}

// More keys than fit into the memory for events that wait; the oldest are long delivered.
const MOST_KEYS = 200_000;
// Acknowledgements are saved ten times a second; these are those of a second and more.
const KEYS_OF_A_MOMENT = 16_384;

/** The keys of what was last, at least so many. */
class LatestKeys {
  #newer = new Set<string>();
  #older = new Set<string>();

  add(key: string): void {
    this.#newer.add(key);
    if (this.#newer.size < KEYS_OF_A_MOMENT) return;
    this.#older = this.#newer;
    this.#newer = new Set();
  }

  all(): readonly string[] {
    return [...this.#older, ...this.#newer];
  }
}

/** Opens a ledger for an empty disk. */
export function createDiskLedger(): DiskLedger {
  const onDisk: number[] = [];
  const orphaned: number[] = [];
  const again = new Map<string, 'expected' | 'counted'>();
  const justLeft = new LatestKeys();
  /** Upper bound of what dead threads stored without a word. */
  let copies = 0;
  /** Upper bound of what the next thread finds without its being of an earlier process. */
  let unclaimed = 0;

  const total = (): number => onDisk.reduce((sum, count) => sum + count, 0);

  function add(counts: number[], sourceId: number, count: number): void {
    counts[sourceId] = Math.max(0, (counts[sourceId] ?? 0) + count);
  }

  /** The account of an event that the thread knows no account of. */
  function adoptedSource(): number {
    const sourceId = orphaned.findIndex((count) => count > 0);
    if (sourceId < 0) return 0;
    add(orphaned, sourceId, -1);
    return sourceId;
  }

  function countsOtherwise(key: string, handedOver: () => boolean): boolean {
    const state = again.get(key);
    if (state === undefined) return false;
    if (state === 'counted' || handedOver()) return true;
    again.set(key, 'counted');
    return false;
  }

  return {
    stored(sourceId) {
      add(onDisk, sourceId, 1);
    },
    died(keysAgain) {
      for (const [sourceId, count] of onDisk.entries()) orphaned[sourceId] = count;
      const sentAgain = justLeft.all();
      for (const key of sentAgain) again.set(key, 'counted');
      for (const key of keysAgain) again.set(key, 'expected');
      for (const key of again.keys()) {
        if (again.size <= MOST_KEYS) break;
        again.delete(key);
      }
      copies += keysAgain.length;
      unclaimed = total() + copies + sentAgain.length;
    },
    found(count) {
      const own = Math.min(count, unclaimed);
      unclaimed = 0;
      add(onDisk, 0, count - own);
      return count - own;
    },
    left(sourceId, key, handedOver) {
      if (again.size > 0 && countsOtherwise(key, handedOver)) return undefined;
      justLeft.add(key);
      if (total() === 0) return { sourceId: 0, unannounced: true };
      const whose = sourceId === 0 ? adoptedSource() : sourceId;
      add(onDisk, whose, -1);
      return { sourceId: whose, unannounced: false };
    },
    emptied() {
      again.clear();
      copies = 0;
    },
  };
}

/** Where what is reported of events on disk goes on its way to the books of the client. */
export interface DiskAccountsDeps {
  readonly disk: DiskLedger;
  readonly events: DeliveryEvents;
  readonly diagnostics: Diagnostics;
  /** Whether the event under a key is about to be stored (again). */
  readonly holds: (key: string) => boolean;
}

/** Passes on what is told of events on disk, each of them once. */
export function createDiskAccounts(
  deps: DiskAccountsDeps,
): Pick<DiskAccountsDeps, 'events' | 'diagnostics'> {
  const { disk, events, diagnostics, holds } = deps;
  let lastFound = 0;

  function accountOf(sourceId: number, key: string): number | undefined {
    const left = disk.left(sourceId, key, () => holds(key));
    if (left?.unannounced === true) events.recovered(1);
    return left?.sourceId;
  }

  return {
    events: {
      delivered(sourceId, receipt, summary) {
        const whose = accountOf(sourceId, receipt.idempotencyKey);
        if (whose !== undefined) events.delivered(whose, receipt, summary);
      },
      quarantined(sourceId, status, summary) {
        const whose = accountOf(sourceId, summary().idempotencyKey);
        if (whose !== undefined) events.quarantined(whose, status, summary);
      },
      retried: (sourceId) => {
        events.retried(sourceId);
      },
      recovered(count) {
        lastFound = disk.found(count);
        if (lastFound > 0) events.recovered(lastFound);
      },
    },
    diagnostics: {
      report(notice) {
        if (notice.code !== 'spool_recovered') diagnostics.report(notice);
        else if (lastFound > 0) diagnostics.report({ ...notice, count: lastFound });
      },
    },
  };
}
