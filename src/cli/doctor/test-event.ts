import { isExporterError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { CommandIo } from '../command.ts';
import { openClient } from '../environment-client.ts';
import { formatReceipt } from '../receipt-table.ts';

/** How the test event ended: its receipt, or the exact reason. */
export interface TestEvent {
  readonly text: string;
  readonly problem: string | undefined;
}

/** Sends one event, once, and tells what became of it. */
export async function sendTestEvent(io: CommandIo): Promise<TestEvent> {
  const opened = openClient(io.env, { maxRetries: 0 });
  if (!opened.ok) return { text: '', problem: `the test event was not sent: ${opened.mistake}` };
  const { client } = opened;
  try {
    const event = {
      eventName: 'immutablelog.doctor',
      payload: { check: 'doctor', package_version: VERSION },
    };
    const receipt = await client.send(event, { signal: io.signal });
    return { text: formatReceipt(receipt), problem: undefined };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { text: '', problem: `the test event was lost, ${error.code}: ${error.message}` };
  } finally {
    await client.close();
  }
}
