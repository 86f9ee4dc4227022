/**
 * A ledger for tests and local work: it refuses what the public contract of ImmutableLog refuses,
 * keeps a verifiable chain, and fails the way a script says.
 *
 * @packageDocumentation
 */
export { createEmulator } from './emulator.ts';
export type { Emulator, EmulatorOptions } from './emulator.ts';
export type { Fault } from './faults.ts';
export type { RecordedRequest } from './requests.ts';
export type { ContractViolation } from './contract.ts';
export type { LedgerReceipt } from './handle.ts';
export type { ChainVerdict, LedgerEntry } from './ledger.ts';
