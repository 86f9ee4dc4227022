import type { SimulatedFiles } from './simulated-files.ts';
import { simulatedFiles } from './simulated-files.ts';

/** A file system in memory whose operations fail where the test says so. */
export interface FaultyFiles extends SimulatedFiles {
  /** The next so many operations of this name, on paths that end like this, fail with this code. */
  failNext(fault: Fault): void;
  /** Everything works again. */
  heal(): void;
}

/** What fails. */
export interface Fault {
  readonly operation: string;
  readonly code: string;
  /** @defaultValue any path */
  readonly pathEnd?: string;
  /** @defaultValue 1 */
  readonly times?: number;
}

/** Makes one that works. */
export function faultyFiles(): FaultyFiles {
  let faults: { readonly fault: Fault; left: number }[] = [];
  const files = simulatedFiles({
    faults: {
      fail(operation, path) {
        const found = faults.find(
          ({ fault: { operation: name, pathEnd = '' }, left }) =>
            left > 0 && name === operation && path.endsWith(pathEnd),
        );
        if (found === undefined) return undefined;
        found.left -= 1;
        return found.fault.code;
      },
      shorten: (bytes) => bytes,
    },
  });
  return {
    ...files,
    failNext(fault) {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    heal() {
      faults = [];
    },
  };
}
