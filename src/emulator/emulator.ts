import type { ContractViolation } from './contract.ts';
import type { Fault } from './faults.ts';
import { isWholeBetween } from './faults.ts';
import type { LedgerReceipt } from './handle.ts';
import { createState, handle, rememberMalformed } from './handle.ts';
import type { ChainVerdict, LedgerEntry } from './ledger.ts';
import { Ledger, openLedgerFile } from './ledger.ts';
import type { RecordedRequest } from './requests.ts';
import { createHostRules } from './requests.ts';
import { startServer } from './server.ts';
import { Viewer } from './viewer/viewer.ts';
import { isIP } from 'node:net';

/** How to start an emulator. */
export interface EmulatorOptions {
  /** TCP port. @defaultValue 0: any free one */
  readonly port?: number;
  /**
   * Address to listen on. Beyond loopback (`0.0.0.0`, as in a container) everybody who reaches it can
   * send events, and read what it keeps.
   * @defaultValue `127.0.0.1`
   */
  readonly host?: string;
  /**
   * Names beside those of loopback under which it may be reached, such as `emulator`: no page of
   * another site has one of them, whatever its own name resolves to. Clients may use an address too,
   * where it listens beyond loopback.
   * @defaultValue none
   */
  readonly allowHosts?: readonly string[];
  /** The only key that is let in. @defaultValue none: every well-formed bearer token is let in */
  readonly apiKey?: string;
  /**
   * Directory in which the ledger is kept, read again at the next start; made when it is not there.
   * @defaultValue none: the ledger is in memory only
   */
  readonly directory?: string;
  /** How many requests `requests()` remembers, of 64 MiB in all at most. @defaultValue 50,000 */
  readonly keepRequests?: number;
  /** Called for every event that is sealed, not for repeats. An error in it is not caught. */
  readonly onEvent?: (entry: LedgerEntry) => void;
  /** Called for every request that breaks the contract. An error in it is not caught. */
  readonly onViolation?: (violation: ContractViolation) => void;
}

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
  requireValid(options);
  const host = options.host ?? '127.0.0.1';
  const { directory } = options;
  const ledger = new Ledger(directory === undefined ? undefined : openLedgerFile(directory));
  const { isForPage, isForClient } = createHostRules(host, options.allowHosts ?? []);
  const { apiKey, keepRequests } = options;
  const state = createState({ ledger, apiKey, keepRequests, isForClient });
  const viewer = new Viewer(ledger, isForPage, () => ({
    total: state.refused.added,
    requests: state.refused.items(),
  }));
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
      onMalformed: (status, arrivedAtMs) => {
        rememberMalformed(state, status, arrivedAtMs);
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
    url: `http://${reachableHost(host)}:${server.port}`,
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

/** How this machine reaches what listens there; on all addresses it is loopback. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIP(host) === 6 ? `[${host}]` : host;
}

const MAX_PORT = 65_535;
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;

/** @throws TypeError naming the option that is wrong. */
function requireValid(options: EmulatorOptions): void {
  const { port = 0, host = '127.0.0.1', keepRequests = 0, apiKey = 'any', directory } = options;
  const { allowHosts = [] } = options;
  const mistakes: readonly (readonly [isWrong: boolean, mistake: string])[] = [
    [!isWholeBetween(port, 0, MAX_PORT), `port must be a whole number from 0 to ${MAX_PORT}`],
    [isIP(host) === 0 && host !== 'localhost', 'host must be an IP address, or localhost'],
    [
      !allowHosts.every((name) => HOST_NAME.test(name)),
      'allowHosts must be names of hosts, without a port',
    ],
    [
      !isWholeBetween(keepRequests, 0, Number.MAX_SAFE_INTEGER),
      'keepRequests must be a whole number from 0 on',
    ],
    [!/^[\x21-\x7e]+$/.test(apiKey), 'apiKey must be printable ASCII without spaces'],
    [directory === '', 'directory must not be empty'],
  ];
  const found = mistakes.find(([isWrong]) => isWrong);
  if (found !== undefined) throw new TypeError(found[1]);
}
