'use strict';

const {
  ExporterError,
  ImmutableLogClient,
  isExporterError,
} = require('opentelemetry-exporter-immutablelog');
const { createEmulator } = require('opentelemetry-exporter-immutablelog/emulator');
const { flush } = require('opentelemetry-exporter-immutablelog/register');

test.each([false, true])('delivers, worker %s', async (worker) => {
  const ledger = await createEmulator();
  const client = new ImmutableLogClient({ url: ledger.url, apiKey: 'key', worker });
  // Objects of Jest's own world are no instances of the classes that Node knows.
  const payload = { at: new Date(0), list: new Map([[1, 2]]), bytes: new Uint8Array(2) };
  await client.send({ eventName: 'job.done', payload });
  await client.close();
  const [{ payload: text }] = ledger.events();
  await ledger.close();
  expect(JSON.parse(text)).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    bytes: 'AAA=',
    list: { 1: 2 },
  });
});

test('throws errors that are recognised', () => {
  const make = () => new ImmutableLogClient({ apiKey: 'key', url: 'nonsense' });
  expect(make).toThrow(Error);
  expect(make).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  expect(isExporterError(new ExporterError('aborted', 'of this copy'))).toBe(true);
});

test('has what register gives', async () => {
  await expect(flush()).resolves.toBe(true);
});
