import { describe, expect, it } from 'vitest';
import { sealEntry } from '../../../src/emulator/ledger.ts';
import { segmentsOf } from '../../../src/emulator/viewer/browser/personal-data.ts';
import { type Warning, warningsOf } from '../../../src/emulator/viewer/browser/events.ts';
import { sampleEvent } from './sample-requests.ts';

const HEX = '8e43ca37701228e74983efdbd0cff5c1';

function warningsFor(payload: string): readonly Warning[] {
  return warningsOf(
    sealEntry({
      ...sampleEvent({ payload }),
      sequence: 1,
      receivedAt: '2026-11-23T15:00:00.000Z',
      previousHash: '0'.repeat(64),
    }),
  );
}

describe('a mark that only resembles one', () => {
  it.each([
    '[email sha256:ana@example.com]',
    `[email hmac-sha256:ana@example.com:${HEX}]`,
    `hmac-sha256:ana@example.com:${HEX}`,
  ])('hides no raw value: %s', (text) => {
    const segments = segmentsOf('note', text);
    expect(segments).toContainEqual(expect.objectContaining({ kind: 'raw' }));
    expect(segments.map((segment) => segment.text).join('')).toBe(text);
  });

  it.each([`[email sha256:${HEX}]`, `[cpf hmac-sha256:key_1-a:${HEX}]`])(
    'is not what redaction leaves: %s',
    (text) => {
      expect(segmentsOf('note', text)).toEqual([{ kind: 'hash', text }]);
    },
  );
});

describe('the payload text as it was sealed', () => {
  it('is warned of when a repeated name hides a value', () => {
    expect(warningsFor('{"a":"ana@example.com","a":"x"}')).toEqual([
      { where: 'a repeated name of the payload text', label: 'e-mail address' },
    ]);
  });

  it('gives one warning for a value that can be read', () => {
    expect(warningsFor('{"a":"ana@example.com"}')).toHaveLength(1);
    expect(warningsFor(String.raw`{"a":"to\nana@example.com","b":"b\u002ea@example.com"}`)).toEqual(
      [
        { where: 'a', label: 'e-mail address' },
        { where: 'b', label: 'e-mail address' },
      ],
    );
  });

  it.each(['{"a":52998224725}', '{"529.982.247-25":1}', '["203.0.113.9",["203.0.113.9"]]'])(
    'is not counted again: %s',
    (payload) => {
      expect(warningsFor(payload).map(({ where }) => where)).not.toContain(
        'a repeated name of the payload text',
      );
      expect(warningsFor(payload)).not.toEqual([]);
    },
  );

  it('holds nothing to warn of when it is marks alone', () => {
    expect(warningsFor(`{"a":"[email sha256:${HEX}]","email_hash":"${HEX}${HEX}"}`)).toEqual([]);
  });
});
