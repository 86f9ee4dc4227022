import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { leavesOf, segmentsOf } from '../../../../../src/emulator/viewer/browser/personal-data.ts';

const HEX = '8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11';

function found(text: string): readonly string[] {
  return segmentsOf('', text).flatMap((segment) =>
    segment.kind === 'raw' ? [`${segment.label}: ${segment.text}`] : [],
  );
}

describe('what looks like personal data', () => {
  it.each([
    ['to ana.b+x@mail.example.com.br, now', 'e-mail address: ana.b+x@mail.example.com.br'],
    ['cpf 529.982.247-25;', 'CPF: 529.982.247-25'],
    ['52998224725', 'CPF: 52998224725'],
    ['from 203.0.113.9:443', 'IP address: 203.0.113.9'],
    ['http://203.0.113.9/x', 'IP address: 203.0.113.9'],
    ['call +55 (11) 91234-5678', 'telephone number: +55 (11) 91234-5678'],
    ['Authorization: Bearer abcdef0123456789', 'bearer token: Bearer abcdef0123456789'],
    ['jwt eyJhbGciOi.eyJzdWIiOi.c2ln here', 'JSON Web Token: eyJhbGciOi.eyJzdWIiOi.c2ln'],
  ])('is found in %j', (text, finding) => {
    expect(found(text)).toEqual([finding]);
  });

  it.each([
    '529.982.247-26',
    '111.111.111-11',
    'listening on 127.0.0.1 and 0.0.0.0',
    'version 1.2.3.4.5',
    '300.1.2.3',
    'Chrome/126.0.0.0 Safari/537.36',
    '2026-11-25T03:38:24+00:00',
    'ord_8101 total 12990',
    '5b8efff798038103d269b633813fc60c',
    'user@localhost',
    '@opentelemetry/api',
    'the bearer of this',
    '1764042000123456789',
    '',
  ])('is not seen in %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('comes in the order of the text, without overlap', () => {
    expect(found('203.0.113.9 then ana@example.com')).toEqual([
      'IP address: 203.0.113.9',
      'e-mail address: ana@example.com',
    ]);
    expect(found('bearer eyJhbGciOi.eyJzdWIiOi.c2ln')).toHaveLength(1);
  });

  it('is looked for in time that grows as the text does, whatever the text', () => {
    const texts = ['a.', '1.', '+1 ', 'eyJ', 'a@', 'bearer ', '1', 'eyJaaaaaa.', '-@a.'];
    const cpuTime = (length: number): number => {
      const before = process.cpuUsage();
      for (const text of texts) found(text.repeat(length / text.length));
      return process.cpuUsage(before).user;
    };
    const leastOf3 = (length: number): number => Math.min(...[1, 2, 3].map(() => cpuTime(length)));
    // Four times as long takes four times as long; what goes back over the text would take sixteen.
    expect(leastOf3(48_000) / leastOf3(12_000)).toBeLessThan(10);
  });
});

describe('the segments of a value', () => {
  it.each([
    ['email_hash', HEX, ['hash']],
    ['http.request.body.sha256', HEX, ['hash']],
    ['commit', HEX, ['plain']],
    ['email', `hmac-sha256:k1:${HEX}`, ['hash']],
    ['email', `sha256:${HEX}`, ['hash']],
    ['note', `by [email sha256:${HEX.slice(0, 32)}]`, ['plain', 'hash']],
    ['note', `[cpf] and [ip hmac-sha256:k1:${HEX.slice(0, 32)}]`, ['mask', 'plain', 'hash']],
    ['note', '[REDACTION_ERROR][masked][not a mark]', ['mask', 'mask', 'plain']],
    ['note', '[email] but bia@example.com', ['mask', 'plain', 'raw']],
    ['email_hash', 'ana@example.com', ['raw']],
  ])('of %s tell hashed, masked and raw apart: %s', (key, text, kinds) => {
    const segments = segmentsOf(key, text);
    expect(segments.map(({ kind }) => kind)).toEqual(kinds);
    expect(segments.map((segment) => segment.text).join('')).toBe(text);
  });
});

describe('a mark that only resembles one', () => {
  const SHORT = HEX.slice(0, 32);

  it.each([
    '[email sha256:ana@example.com]',
    `[email hmac-sha256:ana@example.com:${SHORT}]`,
    `hmac-sha256:ana@example.com:${SHORT}`,
  ])('hides no raw value: %s', (text) => {
    const segments = segmentsOf('note', text);
    expect(segments).toContainEqual(expect.objectContaining({ kind: 'raw' }));
    expect(segments.map((segment) => segment.text).join('')).toBe(text);
  });

  it.each([`[email sha256:${SHORT}]`, `[cpf hmac-sha256:key_1-a:${SHORT}]`])(
    'is not what redaction leaves: %s',
    (text) => {
      expect(segmentsOf('note', text)).toEqual([{ kind: 'hash', text }]);
    },
  );
});

describe('the values of a payload', () => {
  it('come with the way to them', () => {
    const payload = '{"a":{"b.c":[1,{"d":null}]},"e":"x","f":{},"__proto__":true}';
    expect(leavesOf(payload).map(({ parents, key, text }) => [parents, key, text])).toEqual([
      ['a.b.c', '[0]', '1'],
      ['a.b.c[1]', 'd', 'null'],
      ['', 'e', 'x'],
      ['', 'f', '{}'],
      ['', '__proto__', 'true'],
    ]);
  });

  it('are the text itself where it is no JSON', () => {
    expect(leavesOf('{')).toEqual([{ parents: '', key: '', text: '{' }]);
  });
});
