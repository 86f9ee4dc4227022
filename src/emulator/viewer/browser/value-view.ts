/// <reference lib="dom" />
import { make, visibleText } from './dom.ts';
import { type Segment, segmentsOf } from './segments.ts';

/** What stands in the badge behind a value, by what was found in it. */
const BADGES: Readonly<Record<'hash' | 'mask', string>> = { hash: 'hashed', mask: 'masked' };

/** A value with its marks shown, and a badge for each kind of mark and warning. */
export function valueView(key: string, text: string): readonly Node[] {
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
