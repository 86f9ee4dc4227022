import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../../../src/emulator/emulator.ts';
import { createEmulator } from '../../../src/emulator/emulator.ts';

describe('the options of an emulator', () => {
  it.each<EmulatorOptions>([
    {},
    { port: 0, host: '127.0.0.1' },
    { port: 65_535, host: '::1' },
    { host: '0.0.0.0', allowHosts: ['emulator', 'ledger.internal', '[fd00::1]', '10.0.0.7'] },
    { host: 'localhost', apiKey: 'iml_test_1', keepRequests: 0 },
  ])('may be %j', async (options) => {
    // A place where no directory can be made: nothing is wrong before it, nothing listens after it.
    const started = createEmulator({ ...options, directory: '/dev/null/ledger' });
    await expect(started).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.each<readonly [string, EmulatorOptions]>([
    ['host', { host: '' }],
    ['host', { host: 'example.com' }],
    ['host', { host: '192.168.0' }],
    ['host', { host: '127.0.0.1.example.com' }],
    ['allowHosts', { allowHosts: ['*'] }],
    ['allowHosts', { allowHosts: ['emulator', 'emulator:4800'] }],
    ['allowHosts', { allowHosts: [''] }],
    ['port', { port: -1 }],
    ['port', { port: 65_536 }],
    ['port', { port: 1.5 }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 'a b' }],
    ['directory', { directory: '' }],
    ['keepRequests', { keepRequests: -1 }],
    ['keepRequests', { keepRequests: NaN }],
  ])('are refused for a wrong %s, which the message names', async (name, options) => {
    const started = createEmulator(options);
    await expect(started).rejects.toThrow(TypeError);
    await expect(started).rejects.toThrow(new RegExp(`^${name} must`));
  });
});
