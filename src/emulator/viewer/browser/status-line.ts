/// <reference lib="dom" />
import type { ChainState } from './chain-watch.ts';
import { part, setText } from './dom.ts';
import type { EventStore, StoredEvent } from './event-store.ts';
import type { LiveState } from './live-events.ts';

const NUMBERS = new Intl.NumberFormat('en');

/** Says whether new events come in. */
export function showLive(state: LiveState): void {
  const pill = part('live', HTMLElement);
  pill.dataset['state'] = state;
  setText(pill, state === 'open' ? 'Live' : 'Connection lost, trying again…');
}

/** Says how far the chain is verified, and where it is broken. */
export function showChain(chain: ChainState, events: readonly StoredEvent[]): void {
  const { verified, broken } = chain;
  const isDone = verified === events.length;
  const box = part('chain', HTMLElement);
  box.dataset['state'] = broken === undefined ? (isDone && verified > 0 ? 'ok' : 'wait') : 'broken';
  setText(part('chain-text', HTMLElement), chainText(chain, events.length));
  const head = events[verified - 1]?.entry.hash ?? '';
  const headElement = part('chain-head', HTMLElement);
  setText(headElement, head === '' || broken !== undefined ? '' : `${head.slice(0, 16)}…`);
  headElement.title = head === '' ? '' : `Hash of the newest event: ${head}`;
  part('chain-go', HTMLButtonElement).hidden = broken === undefined;
}

function chainText({ verified, broken }: ChainState, events: number): string {
  if (broken !== undefined) {
    return `✗ Chain broken at event ${NUMBERS.format(broken.index + 1)}: ${broken.reason}`;
  }
  if (events === 0) return 'Nothing to verify yet';
  if (verified < events) return `Verifying, ${NUMBERS.format(events)} events`;
  return `✓ Chain verified, ${NUMBERS.format(events)} ${events === 1 ? 'event' : 'events'}`;
}

/** Says how many events are shown. */
export function showCount({ all, shown }: Pick<EventStore, 'all' | 'shown'>): void {
  const text =
    all.length === shown.length
      ? `${NUMBERS.format(all.length)} ${all.length === 1 ? 'event' : 'events'}`
      : `${NUMBERS.format(shown.length)} of ${NUMBERS.format(all.length)} events`;
  setText(part('count', HTMLElement), text);
}

/** Says why the list is empty, when it is. */
export function showEmpty({ all, shown }: Pick<EventStore, 'all' | 'shown'>): void {
  const empty = part('empty', HTMLElement);
  empty.hidden = shown.length > 0;
  setText(
    empty,
    all.length === 0
      ? 'No event yet. The page shows each one as it is sealed.'
      : 'No event passes the filters.',
  );
}
