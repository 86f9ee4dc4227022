/// <reference lib="dom" />
import type { ChainState } from './chain.ts';
import { standingOf } from './chain.ts';
import { make, visibleText } from './dom.ts';
import type { StoredEvent } from './events.ts';
import type { Leaf, Segment } from './personal-data.ts';
import { leavesOf, segmentsOf } from './personal-data.ts';

/** One event in full; `onTrace` is called to show the events of its trace. */
export function eventDetail(
  event: StoredEvent,
  onTrace: (traceId: string) => void,
): readonly Node[] {
  const { entry } = event;
  const leaves = leavesOf(entry.payload).sort(topLevelFirst);
  return [
    make('header', {}, [
      make('p', { class: 'over' }, [
        make('span', { class: 'type', 'data-type': entry.type }, [visibleText(entry.type)]),
        ` event ${entry.sequence}`,
      ]),
      make('h2', {}, [visibleText(entry.eventName)]),
    ]),
    make('p', { class: 'standing', id: 'standing' }, []),
    ...warningBox(event),
    facts(event, onTrace),
    section('Payload', [
      pairs(leaves.map(({ parents, key, text }) => [parents, key, valueView(key, text)])),
      make('details', {}, [
        make('summary', {}, ['Payload text as sealed']),
        make('pre', { tabindex: '0' }, [entry.payload]),
      ]),
    ]),
    section('Meta', [
      pairs(Object.entries(entry.meta).map(([key, text]) => ['', key, valueView(key, text)])),
    ]),
    section('Seal', [
      pairs(
        (['hash', 'previousHash', 'payloadHash', 'txId'] as const).map((key) => [
          '',
          key,
          [make('code', { class: 'value' }, [visibleText(entry[key])])],
        ]),
      ),
    ]),
  ];
}

/** What the chain says about an event, for a person; the state is for the stylesheet. */
export function standingText(
  event: StoredEvent,
  chain: ChainState,
): { readonly state: string; readonly text: string } {
  const state = standingOf(chain, event.index);
  const texts = {
    verified: '✓ Verified in this browser: content, hash and link are right.',
    broken: `✗ Tampered with: ${chain.broken?.reason ?? ''}.`,
    'after-broken': 'Not proven: the chain is broken at an earlier event.',
    pending: 'Not verified yet.',
  } as const;
  return { state, text: texts[state] };
}

/** What has no heading above it stands before what has one; the order is kept otherwise. */
function topLevelFirst(a: Leaf, b: Leaf): number {
  return Number(a.parents !== '') - Number(b.parents !== '');
}

function warningBox({ warnings }: StoredEvent): readonly Node[] {
  if (warnings.length === 0) return [];
  const items = warnings.map(({ where, label }) => make('li', {}, [`${label} in `, code(where)]));
  const title = warnings.length === 1 ? 'A value looks' : `${warnings.length} values look`;
  return [
    make('div', { class: 'warnings', role: 'note' }, [
      make('strong', {}, [`⚠ ${title} like raw personal data`]),
      make('ul', {}, items),
    ]),
  ];
}

function facts({ entry }: StoredEvent, onTrace: (traceId: string) => void): Node {
  const { traceId } = entry;
  const rows: (readonly [string, readonly (Node | string)[]])[] = [
    ['Received', [code(entry.receivedAt)]],
    [
      'Service',
      [visibleText(entry.service), entry.env === '' ? '' : ` in ${visibleText(entry.env)}`],
    ],
    ['Request', [code(entry.requestId)]],
    ['Key', [code(entry.idempotencyKey)]],
  ];
  if (traceId !== undefined) {
    const button = make('button', { type: 'button', id: 'detail-trace' }, ['Only this trace']);
    button.addEventListener('click', () => {
      onTrace(traceId);
    });
    rows.splice(2, 0, ['Trace', [code(traceId), ' ', button]]);
  }
  const list = rows.flatMap(([term, value]) => [make('dt', {}, [term]), make('dd', {}, value)]);
  return make('dl', { class: 'facts' }, list);
}

/** What stands in the badge behind a value, by what was found in it. */
const BADGES: Readonly<Record<'hash' | 'mask', string>> = { hash: 'hashed', mask: 'masked' };

/** A value with its marks shown, and a badge for each kind of mark and warning. */
function valueView(key: string, text: string): readonly Node[] {
  const segments = segmentsOf(key, text);
  const badges = new Map<string, string>();
  for (const segment of segments) {
    if (segment.kind === 'raw') badges.set(`⚠ looks like: ${segment.label}`, 'raw');
    else if (segment.kind !== 'plain') badges.set(BADGES[segment.kind], segment.kind);
  }
  const value = make('code', { class: 'value' }, segments.map(segmentView));
  const marks = [...badges].map(([label, kind]) =>
    make('span', { class: `badge ${kind}` }, [label]),
  );
  return [value, ...marks];
}

function segmentView(segment: Segment): Node | string {
  const text = visibleText(segment.text);
  return segment.kind === 'plain' ? text : make('mark', { class: segment.kind }, [text]);
}

function code(text: string): HTMLElement {
  return make('code', {}, [visibleText(text)]);
}

function section(title: string, children: readonly Node[]): Node {
  return make('section', {}, [make('h3', {}, [title]), ...children]);
}

type Pair = readonly [parents: string, key: string, value: readonly Node[]];

/** Names and values; the names above a key stand once, over those that share them. */
function pairs(list: readonly Pair[]): Node {
  let above = '';
  const rows = list.flatMap(([parents, key, value]) => {
    const heading = parents === above ? [] : [groupRow(parents)];
    above = parents;
    const name = make('th', { scope: 'row' }, [visibleText(key)]);
    return [...heading, make('tr', {}, [name, make('td', {}, value)])];
  });
  return make('table', { class: 'pairs' }, [make('tbody', {}, rows)]);
}

function groupRow(parents: string): Node {
  const cell = make('th', { colspan: '2', scope: 'rowgroup', class: 'group' }, [
    visibleText(parents),
  ]);
  return make('tr', {}, [cell]);
}
