import type { ContractViolation } from './contract-violation.ts';
import type { LedgerEntry } from './ledger-entry.ts';

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
