import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../../../src/emulator/ledger.ts';
import type { EventFilter, Warning } from '../../../../../src/emulator/viewer/browser/events.ts';
import { EventStore, readEntries } from '../../../../../src/emulator/viewer/browser/events.ts';
import { META, sealedEntry } from '../../../../support/sample-requests.ts';

const HEX = '8e43ca37701228e74983efdbd0cff5c1';
const ALL: EventFilter = { text: '', type: '', service: '', trace: '', warnedOnly: false };

function entry(meta: Record<string, string>, payload: string): LedgerEntry {
  return sealedEntry({ payload, meta: { type: 'info', event_name: 'e', service: 's', ...meta } });
}

/** What the store finds in an entry. */
function warningsOf(entry: LedgerEntry): readonly Warning[] {
  const store = new EventStore();
  store.add([entry]);
  return store.all.flatMap(({ warnings }) => warnings);
}

const ENTRIES = [
  entry({ event_name: 'user.created', trace_id: 'AB12' }, '{"to":"Ana"}'),
  entry({ type: 'error', service: 'mail' }, '{"to":"bia@example.com"}'),
  entry({ service: 'mail' }, '{"n":1}'),
];

describe('the store of the page', () => {
  it.each<[string, Partial<EventFilter>, readonly number[]]>([
    ['nothing', {}, [0, 1, 2]],
    ['a word of the name', { text: 'USER' }, [0]],
    ['every word', { text: ' created  ana ' }, [0]],
    ['a word that is nowhere', { text: 'created nowhere' }, []],
    ['a type', { type: 'error' }, [1]],
    ['a service', { service: 'mail' }, [1, 2]],
    ['the beginning of a trace', { trace: ' ab1 ' }, [0]],
    ['warnings', { warnedOnly: true }, [1]],
    ['two things', { service: 'mail', text: 'bia' }, [1]],
  ])('shows what a filter asks for: %s', (_what, wish, indexes) => {
    const filter = { ...ALL, ...wish };
    const before = new EventStore();
    before.filter(filter);
    before.add(ENTRIES);
    const after = new EventStore();
    after.add(ENTRIES);
    after.filter(filter);
    const shown = [before, after].map((store) => store.shown.map(({ index }) => index));
    expect(shown).toEqual([indexes, indexes]);
  });

  it('shows what holds one of the digests of the text, where the other parts hold', () => {
    const store = new EventStore();
    store.add([...ENTRIES, entry({ service: 'mail' }, `{"email_hash":"${HEX}"}`)]);
    const indexes = (): readonly number[] => store.shown.map(({ index }) => index);
    store.filter({ ...ALL, text: 'bia@example.com' }, ['0'.repeat(32), HEX]);
    expect(indexes()).toEqual([1, 3]);
    store.filter({ ...ALL, text: 'bia@example.com', type: 'error' }, [HEX]);
    expect(indexes()).toEqual([1]);
    store.filter({ ...ALL, text: 'bia@example.com' });
    expect(indexes()).toEqual([1]);
  });

  it('counts what it adds to the list, and knows the services', () => {
    const store = new EventStore();
    store.filter({ ...ALL, service: 'mail' });
    expect(store.add(ENTRIES)).toBe(2);
    expect([...store.services]).toEqual(['s', 'mail']);
    store.clear();
    expect([store.all, store.shown, [...store.services]]).toEqual([[], [], []]);
  });

  it('warns of names and values, in meta and payload', () => {
    const event = entry({ note: '529.982.247-25' }, '{"a":{"bia@example.com":["203.0.113.9"]}}');
    expect(warningsOf(event)).toEqual([
      { where: 'meta › note', label: 'CPF' },
      { where: 'a.bia@example.com › [0]', label: 'IP address' },
    ]);
  });

  it('warns of a number, and of what lies too deep to be unfolded', () => {
    const deep = `${'['.repeat(3_000)}"bia@example.com"${']'.repeat(3_000)}`;
    expect(warningsOf(entry({}, `{"cpf":52998224725,"deep":${deep}}`)).map((w) => w.label)).toEqual(
      ['CPF', 'e-mail address'],
    );
  });
});

describe('a message of the stream', () => {
  it('is read when it is a list of entries', () => {
    expect(readEntries(JSON.stringify(ENTRIES))).toHaveLength(3);
  });

  it.each(['{}', '[1]', '[null]', '[{"sequence":1}]', 'x'])('is refused when it is %s', (text) => {
    expect(() => readEntries(text)).toThrow(SyntaxError);
  });

  it('is refused when a meta value is no text', () => {
    const text = JSON.stringify([{ ...ENTRIES[0], meta: { a: 1 } }]);
    expect(() => readEntries(text)).toThrow(SyntaxError);
  });
});

describe('the payload text as it was sealed', () => {
  const warningsIn = (payload: string): readonly Warning[] => warningsOf(entry(META, payload));

  it('is warned of when a repeated name hides a value', () => {
    expect(warningsIn('{"a":"ana@example.com","a":"x"}')).toEqual([
      { where: 'a repeated name of the payload text', label: 'e-mail address' },
    ]);
  });

  it('gives one warning for a value that can be read', () => {
    expect(warningsIn('{"a":"ana@example.com"}')).toHaveLength(1);
    expect(warningsIn(String.raw`{"a":"to\nana@example.com","b":"b\u002ea@example.com"}`)).toEqual([
      { where: 'a', label: 'e-mail address' },
      { where: 'b', label: 'e-mail address' },
    ]);
  });

  it.each(['{"a":52998224725}', '{"529.982.247-25":1}', '["203.0.113.9",["203.0.113.9"]]'])(
    'is not counted again: %s',
    (payload) => {
      expect(warningsIn(payload).map(({ where }) => where)).not.toContain(
        'a repeated name of the payload text',
      );
      expect(warningsIn(payload)).not.toEqual([]);
    },
  );

  it('holds nothing to warn of when it is marks alone', () => {
    expect(warningsIn(`{"a":"[email sha256:${HEX}]","email_hash":"${HEX}${HEX}"}`)).toEqual([]);
  });
});
