import { describe, expect, it } from 'vitest';
import { isPlain } from '../../../../src/redact/detectors/detect.ts';

describe('plain text', () => {
  it('is what holds neither data nor a URL with more than a path', () => {
    expect(isPlain('order 48213 was paid', 'text')).toBe(true);
    expect(isPlain('    at run (file:///srv/app/dist/orders.js:120:33)', 'every')).toBe(true);
  });

  it('is no text with something in it', () => {
    for (const text of ['from joe@example.com', 'password=a1B2c3D4', 'Bearer a1B2c3D4e5F6']) {
      expect(isPlain(text, 'every')).toBe(false);
    }
  });

  it('depends on what the detectors of the scope look for', () => {
    expect(isPlain('cpf 529.982.247-25', 'every')).toBe(true);
    expect(isPlain('cpf 529.982.247-25', 'text')).toBe(false);
  });

  it('depends on all detectors when there is a URL', () => {
    expect(isPlain('GET https://example.com/people/52998224725', 'every')).toBe(false);
  });

  it.each(['joe%2540', '/reset?x', 'https://h/#a', 'https://h/a+b', 'https://a@h'])(
    'is no text whose parts may mean more than they say, such as %s',
    (text) => {
      expect(isPlain(text, 'every')).toBe(false);
    },
  );
});
