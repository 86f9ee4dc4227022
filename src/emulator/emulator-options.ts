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

/** @throws TypeError naming the option that is wrong. */
export function requireValidOptions(options: EmulatorOptions): void {
  const { port = 0, host = '127.0.0.1', keepRequests = 0, apiKey, directory } = options;
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new TypeError(`port must be a whole number from 0 to ${MAX_PORT}`);
  }
  if (!LOOPBACK.test(host)) throw new TypeError('host must be a loopback address');
  if (!Number.isInteger(keepRequests) || keepRequests < 0) {
    throw new TypeError('keepRequests must be a whole number from 0 on');
  }
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('apiKey must be printable ASCII without spaces');
  }
  if (directory === '') throw new TypeError('directory must not be empty');
}
