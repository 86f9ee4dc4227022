import type { Clock } from '../runtime/clock.ts';
import type { FilePort } from './file-port.ts';

/** Room that is left to others on the volume: this much, or this part of a small one. */
const FLOOR_BYTES = 64 * 1024 * 1024;
const FLOOR_PART = 0.05;
/** The volume is asked again after so many bytes, or so many ms while it is too full. */
const ASK_EVERY_BYTES = 1024 * 1024;
const ASK_EVERY_MS = 1_000;

/** Whether the volume has room. */
export interface Capacity {
  /** Whether there was room when the volume was last asked; asks again now and then. */
  hasRoom(): boolean;
  /** So many bytes were written. */
  wrote(bytes: number): void;
}

/** Makes one that supposes there is room until the volume says otherwise. */
export function createCapacity(files: FilePort, path: string, clock: Clock): Capacity {
  let room = true;
  let sinceAsked = ASK_EVERY_BYTES;
  let askedAt = -Infinity;
  let asking = false;

  async function ask(): Promise<void> {
    asking = true;
    sinceAsked = 0;
    askedAt = clock.now();
    try {
      const { free, total } = await files.space(path);
      room = free > Math.min(FLOOR_BYTES, total * FLOOR_PART);
    } catch {
      // What cannot be known does not stop anything: the write itself will tell. Before the first
      // one the directory is not even there, so the question stands.
      room = true;
      sinceAsked = ASK_EVERY_BYTES;
    }
    asking = false;
  }

  return {
    hasRoom() {
      const due = room ? sinceAsked >= ASK_EVERY_BYTES : clock.now() - askedAt >= ASK_EVERY_MS;
      if (due && !asking) void ask();
      return room;
    },
    wrote(bytes) {
      sinceAsked += bytes;
    },
  };
}
