import type { ContractViolation } from './contract.ts';
import type { Fault } from './faults.ts';
import { createState, handle } from './handle.ts';
import type { ChainVerdict, LedgerEntry, LedgerReceipt, LedgerStore } from './ledger.ts';
import { createLedger, parseEntry } from './ledger.ts';
import type { RecordedRequest } from './requests.ts';
import { startServer } from './server.ts';
import { createViewer } from './viewer/viewer.ts';
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from 'node:fs';

/** How to start an emulator. */
export interface EmulatorOptions {
  /** TCP port. @defaultValue 0: any free one */
  readonly port?: number;
  /**
   * Address to listen on, loopback only: what the emulator keeps is for nobody else on the network.
   * @defaultValue `127.0.0.1`
   */
  readonly host?: string;
  /** The only key that is let in. @defaultValue none: every well-formed bearer token is let in */
  readonly apiKey?: string;
  /**
   * Directory in which the ledger is kept, read again at the next start; made when it is not there.
   * @defaultValue none: the ledger is in memory only
   */
  readonly directory?: string;
  /** How many requests `requests()` remembers. @defaultValue 50,000 */
  readonly keepRequests?: number;
  /** Called for every event that is sealed, not for repeats. An error in it is not caught. */
  readonly onEvent?: (entry: LedgerEntry) => void;
  /** Called for every request that breaks the contract. An error in it is not caught. */
  readonly onViolation?: (violation: ContractViolation) => void;
}

const MAX_PORT = 65_535;
const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/;

/** Checks options as a program gave them. @throws TypeError naming the option that is wrong. */
export function requireValidOptions(options: EmulatorOptions): void {
  const { port = 0, host = '127.0.0.1', keepRequests = 0, apiKey = 'any', directory } = options;
  const mistakes: readonly (readonly [isWrong: boolean, mistake: string])[] = [
    [!isWholeUpTo(port, MAX_PORT), `port must be a whole number from 0 to ${MAX_PORT}`],
    [!LOOPBACK.test(host), 'host must be a loopback address'],
    [
      !isWholeUpTo(keepRequests, Number.MAX_SAFE_INTEGER),
      'keepRequests must be a whole number from 0 on',
    ],
    [!/^[\x21-\x7e]+$/.test(apiKey), 'apiKey must be printable ASCII without spaces'],
    [directory === '', 'directory must not be empty'],
  ];
  const found = mistakes.find(([isWrong]) => isWrong);
  if (found !== undefined) throw new TypeError(found[1]);
}

function isWholeUpTo(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

const FILE_NAME = 'ledger.jsonl';
const NEWLINE = 0x0a;

/**
 * Keeps a ledger in `<directory>/ledger.jsonl`, one entry a line.
 *
 * - A line that was written survives the process (not a power cut: nothing is synced to the disk).
 * - A last line without its end is an append that was cut short and never answered: it is removed.
 * - Any other line that is no entry is an error, never skipped in silence.
 * - Directory and file are for the user alone (0700, 0600). One emulator at a time per directory.
 *
 * @throws the error of the file system when directory or file cannot be made or read.
 */
export function openLedgerFile(directory: string): LedgerStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = `${directory}/${FILE_NAME}`;
  let bytes = removeTornEnd(path);
  const file = openSync(path, 'a', 0o600);
  return {
    load: () => readEntries(path),
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        appendFileSync(file, line);
      } catch (error) {
        // What a full disk left of the line would otherwise become the start of the next one.
        ftruncateSync(file, bytes);
        throw error;
      }
      bytes += line.byteLength;
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** Cuts what stands after the last end of line and returns the size that is left, in bytes. */
function removeTornEnd(path: string): number {
  if (!existsSync(path)) return 0;
  const content = readFileSync(path);
  const bytes = content.lastIndexOf(NEWLINE) + 1;
  if (bytes < content.byteLength) truncateSync(path, bytes);
  return bytes;
}

function readEntries(path: string): readonly LedgerEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const entry = parseEntry(line);
    if (entry === undefined) {
      throw new Error(`${FILE_NAME} is damaged: line ${index + 1} is not a ledger entry`);
    }
    return entry;
  });
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
