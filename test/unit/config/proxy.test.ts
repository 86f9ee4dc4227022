import { describe, expect, it } from 'vitest';
import { chooseProxy } from '../../../src/config/proxy.ts';
import { requireEndpoint } from '../../../src/config/values.ts';

const ledger = requireEndpoint('https://ledger.example.com', false);

describe('the proxy of the environment', () => {
  it.each([
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/'],
    ['proxy.corp:3128', 'http://proxy.corp:3128/'],
    [' http://u:p%20w@proxy.corp:3128 ', 'http://u:p%20w@proxy.corp:3128/'],
    ['https://proxy.corp', 'https://proxy.corp/'],
    ['[::1]:3128', 'http://[::1]:3128/'],
  ])('is read from %j', (value, url) => {
    expect(chooseProxy({ HTTPS_PROXY: value }, ledger)).toEqual({ kind: 'proxy', url });
  });

  it.each([
    'http://u:p%zz@proxy.corp:3128',
    'socks5://proxy.corp:1080',
    'proxy.corp',
    'true',
    '"http://proxy.corp:3128"',
    "'proxy.corp:3128'",
    'http://',
    'proxy.corp:99999',
    'proxy.corp:0',
    'http://proxy corp:3128',
    'http:\\\\proxy.corp:3128',
    'proxy.corp:3128\nother:1',
  ])('is unusable, and never none, for %j', (value) => {
    const unusable = { kind: 'unusable', variable: 'https_proxy' };
    expect(chooseProxy({ https_proxy: value, HTTPS_PROXY: 'a:1' }, ledger)).toEqual(unusable);
  });

  it('is that of the lower case first; an empty one counts as unset', () => {
    const both = { https_proxy: 'lower:1', HTTPS_PROXY: 'upper:1' };
    expect(chooseProxy(both, ledger)).toMatchObject({ url: 'http://lower:1/' });
    const empty = { https_proxy: ' ', HTTPS_PROXY: 'upper:1' };
    expect(chooseProxy(empty, ledger)).toMatchObject({ url: 'http://upper:1/' });
    expect(chooseProxy({ HTTP_PROXY: 'plain:1' }, ledger)).toMatchObject({ kind: 'proxy' });
    expect(chooseProxy({}, ledger)).toEqual({ kind: 'none' });
  });

  it('is not looked at on loopback, nor for a host that is exempt', () => {
    const loopback = requireEndpoint('http://127.0.0.1:4390', false);
    expect(chooseProxy({ HTTP_PROXY: 'nonsense' }, loopback)).toEqual({ kind: 'none' });
    const exempt = { HTTPS_PROXY: 'nonsense', NO_PROXY: 'a.test, example.com' };
    expect(chooseProxy(exempt, ledger)).toEqual({ kind: 'none' });
  });

  it.each([
    '*',
    ' * ',
    '.example.com',
    '*.example.com',
    'ledger.example.com:443',
    'x LEDGER.example.com',
    'https://ledger.example.com/',
    '"x",ledger.example.com',
  ])('is left out by NO_PROXY=%s', (list) => {
    expect(chooseProxy({ HTTPS_PROXY: 'p:1', no_proxy: list }, ledger).kind).toBe('none');
  });

  it.each([
    ['http://10.1.2.3:80', '10.1.0.0/16'],
    ['http://10.1.2.3:80', '10.1.2.3'],
    ['http://10.1.2.3:8080', '10.1.2.3:8080'],
    ['http://10.1.2.3:80', '10.1.2.0/23'],
    ['http://[fd00::1]:80', 'fd00::1'],
    ['http://[fd00::1]:80', '[fd00::1]'],
  ])('is left out for %s by NO_PROXY=%s', (url, list) => {
    const addressed = requireEndpoint(url, true);
    expect(chooseProxy({ HTTP_PROXY: 'p:1', NO_PROXY: list }, addressed).kind).toBe('none');
    const other = requireEndpoint('http://192.0.2.1', true);
    expect(chooseProxy({ HTTP_PROXY: 'p:1', NO_PROXY: list }, other).kind).toBe('proxy');
  });

  it.each(['"ledger.example.com"', 'a.test;b.test', '<local>', 'u:p@a.test', '${HOSTS}'])(
    'is unusable where NO_PROXY cannot be read, and matters: %s',
    (list) => {
      const unusable = { kind: 'unusable', variable: 'NO_PROXY' };
      expect(chooseProxy({ HTTPS_PROXY: 'p:1', NO_PROXY: list }, ledger)).toEqual(unusable);
      expect(chooseProxy({ NO_PROXY: list }, ledger)).toEqual({ kind: 'none' });
    },
  );

  it.each(['example.org', 'ledger.example.com:80', 'r.example.com', ',,', 'xample.com'])(
    'is not left out by NO_PROXY=%s',
    (list) => {
      expect(chooseProxy({ HTTPS_PROXY: 'p:1', NO_PROXY: list }, ledger).kind).toBe('proxy');
    },
  );
});
