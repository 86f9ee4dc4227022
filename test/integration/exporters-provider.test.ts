import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import { logRecordExporterProvider } from '../../src/exporters/component-provider.ts';
import { aLog } from '../support/otel-records.ts';

describe('a provider of components', () => {
  it('makes an exporter that delivers', async () => {
    await using ledger = await createEmulator({ apiKey: 'key' });
    const exporter = logRecordExporterProvider.create({
      api_key: 'key',
      url: ledger.url,
      service: 'from-properties',
    });
    const code = await new Promise((resolve) => {
      exporter.export([aLog()], (result) => {
        resolve(result.code);
      });
    });
    await exporter.shutdown();
    expect(code).toBe(0);
    expect(ledger.events()[0]?.service).toBe('from-properties');
  });
});
