import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { LogRecordLike } from '../../src/index.ts';
import { ImmutableLogLogRecordExporter, ImmutableLogSpanExporter } from '../../src/index.ts';
import { blocksUnder } from './readme-blocks.ts';
import { SPAN, logRecord } from './readme-records.ts';

let ledger: Emulator;

beforeEach(async () => {
  ledger = await createEmulator();
});

afterEach(() => ledger.close());

interface Exporter<T> {
  export(records: readonly T[], callback: (result: { code: number }) => void): void;
  shutdown(): Promise<void>;
}

/** The event of a record as the README shows events. */
async function eventOf<T>(exporter: Exporter<T>, record: T): Promise<{ payload: unknown }> {
  const code = await new Promise((resolve) => {
    exporter.export([record], (result) => {
      resolve(result.code);
    });
  });
  await exporter.shutdown();
  expect(code).toBe(0);
  const [event] = ledger.events();
  return { ...{ meta: event?.meta }, payload: JSON.parse(event?.payload ?? 'null') };
}

function shown(heading: string): readonly unknown[] {
  return blocksUnder(heading, 'json').map((text): unknown => JSON.parse(text));
}

function logExporter(): Exporter<LogRecordLike> {
  return new ImmutableLogLogRecordExporter({ url: ledger.url, apiKey: 'key' });
}

describe('the events in the README', () => {
  it('shows a span exactly as it is sent', async () => {
    const exporter = new ImmutableLogSpanExporter({ url: ledger.url, apiKey: 'key' });
    const event = await eventOf(exporter, SPAN);
    expect(event).toEqual(shown('What is sent')[0]);
  });

  it('shows a log record exactly as it is sent', async () => {
    const record = logRecord('order placed', { 'user.id': 'usr_1', 'order.id': 'ord_1001' });
    expect(await eventOf(logExporter(), record)).toEqual(shown('What is sent')[1]);
  });

  it('shows exactly what redaction makes of a record', async () => {
    const [before, after] = shown('What is never sent');
    const { body, attributes }: { body?: unknown; attributes?: Record<string, unknown> } = {
      ...(before as object),
    };
    const { payload } = await eventOf(logExporter(), logRecord(body, attributes ?? {}));
    const sent: { body?: unknown; attributes?: unknown } = { ...(payload as object) };
    expect({ body: sent.body, attributes: sent.attributes }).toEqual(after);
  });
});
