import type { Emulator } from '../../src/emulator/index.ts';
import { runScript } from './run-script.ts';
import { TEST_KEY } from './test-client.ts';

/** How to kill writers. */
export interface KillRounds {
  readonly emulator: Emulator;
  readonly directory: string;
  /** Rounds; in each, two writers share the directory and both are killed. */
  readonly rounds: number;
}

/**
 * Runs writers and kills each at a random instant after its first stored event.
 *
 * @returns the keys that were reported as stored
 */
export async function killWriters(options: KillRounds): Promise<ReadonlySet<string>> {
  const { emulator, directory, rounds } = options;
  const stored = new Set<string>();

  async function killOne(word: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const { exit, out } = await runScript('test/process/fixtures/spool-writer.js', {
      args: [directory, word],
      env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
      onOutput(_out, kill) {
        timer ??= setTimeout(() => {
          kill('SIGKILL');
        }, Math.random() * 60);
      },
    });
    if (exit !== 'SIGKILL') throw new Error(`the writer ended by itself: ${exit}`);
    // What is cut off in the middle of a line was reported too late to count.
    for (const key of out.split('\n').slice(0, -1)) stored.add(key);
  }

  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([killOne(`a${round}`), killOne(`b${round}`)]);
  }
  return stored;
}
