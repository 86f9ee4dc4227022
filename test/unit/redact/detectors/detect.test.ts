import { describe, expect, it } from 'vitest';
import { SIGNS, detect, isPlain, profileText } from '../../../../src/redact/detectors/detect.ts';
import type { Detection } from '../../../../src/redact/detectors/detector.ts';
import { mergeDetections } from '../../../../src/redact/detectors/detector.ts';

function labels(text: string, scope: 'every' | 'text'): readonly string[] {
  return detect(text, scope).map(
    ({ start, end, class: kind }) => `${kind} ${text.slice(start, end)}`,
  );
}

describe('detect', () => {
  it('finds credentials and addresses in every string', () => {
    expect(labels('joe@example.com Bearer abc123 password=x1', 'every')).toEqual([
      'email joe@example.com',
      'bearer abc123',
      'secret x1',
    ]);
  });

  it('looks for numbers and network addresses in text only', () => {
    const text = '529.982.247-25 from 10.0.0.1';
    expect(labels(text, 'every')).toEqual([]);
    expect(labels(text, 'text')).toEqual(['cpf 529.982.247-25', 'ip 10.0.0.1']);
  });

  it('finds the shortest address there is', () => {
    expect(labels('::1', 'text')).toEqual(['ip ::1']);
  });

  it('gives the same list for a text without findings every time', () => {
    expect(detect('GET', 'text')).toBe(detect('POST', 'text'));
  });

  it('finds in a long text what it finds in a short one', () => {
    const padding = ' and so on'.repeat(40);
    expect(labels(`${padding} joe@example.com 52998224725`, 'text')).toEqual([
      'email joe@example.com',
      'cpf 52998224725',
    ]);
  });

  it('keeps the host behind a password readable', () => {
    expect(labels('postgres://joe:pw@db.example.com/app', 'text')).toEqual(['secret joe:pw']);
  });

  it('names a token by what it is, not by how it was passed', () => {
    const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln';
    expect(labels(`Authorization: Bearer ${token}`, 'every')).toEqual([`jwt ${token}`]);
  });
});

describe('merging of detections', () => {
  const at = (start: number, end: number, kind: Detection['class']): Detection => ({
    start,
    end,
    class: kind,
  });

  it('puts them in order', () => {
    expect(mergeDetections('', [at(5, 6, 'ip'), at(1, 2, 'cpf')])).toEqual([
      at(1, 2, 'cpf'),
      at(5, 6, 'ip'),
    ]);
  });

  it('covers all of what overlaps under the more sensitive class', () => {
    expect(mergeDetections('', [at(0, 5, 'phone'), at(3, 9, 'card')])).toEqual([at(0, 9, 'card')]);
    expect(mergeDetections('', [at(0, 9, 'key'), at(3, 5, 'ip')])).toEqual([at(0, 9, 'key')]);
  });

  it('keeps neighbours apart', () => {
    const neighbours = [at(0, 3, 'ip'), at(3, 6, 'ip')];
    expect(mergeDetections('', neighbours)).toEqual(neighbours);
  });
});

describe('profile of a text', () => {
  it('tells the signs and counts the digits of a short text', () => {
    expect(profileText('a@1.2')).toBe(SIGNS.at | SIGNS.dot | SIGNS.twoDigits);
    expect(profileText('1234 5678')).toBe(
      SIGNS.space | SIGNS.twoDigits | SIGNS.fourDigits | SIGNS.eightDigits,
    );
  });

  it('never misses a sign of a long text', () => {
    const long = 'x'.repeat(200);
    for (const [sign, bit] of [
      ['@', SIGNS.at],
      ['=', SIGNS.assignment],
      ['%', SIGNS.form],
      ['\\', SIGNS.form],
      ['\u001b', SIGNS.form],
      ['\u200b', SIGNS.form],
      ['\uff20', SIGNS.form],
    ] as const) {
      expect(profileText(long) & bit).toBe(0);
      expect(profileText(long + sign) & bit).toBe(bit);
    }
  });
});

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

describe('the quick look for keys', () => {
  it.each([
    ['an underscore', 'iml_live_abcdefgh'],
    ['an underscore', 'npm_abcdefghijabcdefghijabcdefghij'],
    ['a hyphen', 'glpat-abcdefghijabcdefghij'],
    ['a hyphen', 'xoxb-abcdefghijabcdefghij'],
    ['a hyphen', 'sk-a1b2c3d4e5a1b2c3d4e5'],
    ['capitals', 'AKIAABCDEFGHABCDEFGH'],
    ['capitals', 'AIzaabcdefghijabcdefghijabcdefghij'],
  ])('sees one by %s alone: %s', (_sign, key) => {
    for (const text of [key, `a ${key} b`, `${'x '.repeat(60)}${key}`]) {
      expect(isPlain(text, 'every')).toBe(false);
      expect(detect(text, 'every').map((found) => found.class)).toEqual(['key']);
    }
  });
});
