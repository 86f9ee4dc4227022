import type { ChainVerdict } from './chain.ts';
import type { ContractViolation } from './contract-violation.ts';
import type { Fault } from './faults.ts';
import { createState, handle } from './handle.ts';
import { createLedger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { openLedgerFile } from './ledger-file.ts';
import type { LedgerReceipt } from './ledger-receipt.ts';
import { type EmulatorOptions, requireValidOptions } from './emulator-options.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { startServer } from './server.ts';
import { createViewer } from './viewer/viewer.ts';

/** A ledger on this machine that behaves as the public contract of ImmutableLog says. */
export interface Emulator extends AsyncDisposable {
  /**
   * Where it listens, without a slash at the end, such as `http://127.0.0.1:40123`. In a browser it
   * is a page that shows the events as they come in.
   */
  readonly url: string;
  /** The sealed events, oldest first, those of the directory included; a copy. */
  events(): readonly LedgerEntry[];
  /** Every receipt that was made, repeats included, whether or not it reached its client; a copy. */
  receipts(): readonly LedgerReceipt[];
  /** The newest requests, oldest first, whatever became of them; a copy. */
  requests(): readonly RecordedRequest[];
  /** The newest requests that broke the contract, oldest first; scripted faults are not among them. */
  violations(): readonly ContractViolation[];
  /** Scripts faults, after those scripted already. @throws RangeError when a number is out of range. */
  fail(script: Fault | readonly Fault[]): void;
  /** Forgets the faults that are left; answers that hang or drip already go on doing so. */
  heal(): void;
  /** Computes the chain again and says whether every entry is as it was sealed. */
  verify(): ChainVerdict;
  /** Stops listening, destroys open connections, lets go of the directory; idempotent. */
  close(): Promise<void>;
}

/**
 * Starts an emulator; each one has a ledger of its own.
 *
 * @throws TypeError when an option is wrong; the error of the system when the port or the directory
 * cannot be had; Error when the ledger file there is damaged.
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  requireValidOptions(options);
  const host = options.host ?? '127.0.0.1';
  const ledger = createLedger(
    options.directory === undefined ? undefined : openLedgerFile(options.directory),
  );
  const state = createState({ ledger, apiKey: options.apiKey, keepRequests: options.keepRequests });
  const viewer = createViewer(ledger);
  const server = await startServer(
    { host, port: options.port ?? 0 },
    {
      onLook: (message, response) => viewer.answer(message, response),
      onRequest(request) {
        const { plan, sealed, violation } = handle(state, request);
        // Later, so that an error in a callback is seen as one and cannot spoil the answer.
        if (sealed !== undefined) {
          queueMicrotask(() => options.onEvent?.(sealed));
          viewer.wake();
        }
        if (violation !== undefined) queueMicrotask(() => options.onViolation?.(violation));
        return plan;
      },
      onConnection: () => (state.faults.takeForConnection() ? 'close' : 'keep'),
    },
  ).catch((error: unknown) => {
    ledger.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= server.close().then(() => {
      ledger.close();
    });
    return closed;
  };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    events: () => ledger.entries(),
    receipts: () => [...state.receipts],
    requests: () => state.requests.items(),
    violations: () => state.violations.items(),
    fail(script) {
      state.faults.add(isList(script) ? script : [script]);
    },
    heal() {
      state.faults.clear();
    },
    verify: () => ledger.verify(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `Array.isArray` does not narrow a read-only list. */
function isList(script: Fault | readonly Fault[]): script is readonly Fault[] {
  return Array.isArray(script);
}
