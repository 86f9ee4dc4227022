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
import type { LedgerEntry } from './ledger-entry.ts';
import { parseEntry } from './parse-entry.ts';
import type { LedgerStore } from './ledger.ts';

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
