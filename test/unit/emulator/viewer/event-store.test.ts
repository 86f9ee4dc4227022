import { describe, expect, it } from 'vitest';
import { GENESIS_HASH, type LedgerEntry, sealEntry } from '../../../../src/emulator/ledger.ts';
import {
  createEventStore,
  readEntries,
  type EventFilter,
  warningsOf,
} from '../../../../src/emulator/viewer/browser/events.ts';
import { leavesOf } from '../../../../src/emulator/viewer/browser/personal-data.ts';
import { scrollTopFor, visibleRange } from '../../../../src/emulator/viewer/browser/list.ts';
import { sampleEvent } from '../sample-requests.ts';

const ALL: EventFilter = { text: '', type: '', service: '', trace: '', warnedOnly: false };

function entry(meta: Record<string, string>, payload: string): LedgerEntry {
  const event = sampleEvent({
    payload,
    meta: { type: 'info', event_name: 'e', service: 's', ...meta },
  });
  return sealEntry({ ...event, sequence: 1, receivedAt: '2026', previousHash: GENESIS_HASH });
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
    const before = createEventStore();
    before.filter(filter);
    before.add(ENTRIES);
    const after = createEventStore();
    after.add(ENTRIES);
    after.filter(filter);
    const shown = [before, after].map((store) => store.shown.map(({ index }) => index));
    expect(shown).toEqual([indexes, indexes]);
  });

  it('counts what it adds to the list, and knows the services', () => {
    const store = createEventStore();
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
    expect(leavesOf('{')).toEqual([{ parents: '', key: '', text: '{', isText: true }]);
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

describe('the rows in the page', () => {
  it('are those in sight and a few around, however many there are', () => {
    const view = { height: 340, rowHeight: 34, rows: 10_000 };
    expect(visibleRange({ ...view, scrollTop: 0 })).toEqual({ first: 0, end: 18 });
    expect(visibleRange({ ...view, scrollTop: 34_000 })).toEqual({ first: 992, end: 1_018 });
    expect(visibleRange({ ...view, scrollTop: 340_000 })).toEqual({ first: 9_992, end: 10_000 });
    expect(visibleRange({ ...view, scrollTop: 500, rows: 0 })).toEqual({ first: 0, end: 0 });
  });

  it('are scrolled no further than it takes to see one whole', () => {
    const view = { height: 340, rowHeight: 34, scrollTop: 340 };
    expect([10, 9, 19, 20].map((row) => scrollTopFor(row, view))).toEqual([340, 306, 340, 374]);
  });
});
