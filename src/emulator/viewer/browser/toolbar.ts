/// <reference lib="dom" />
/// <reference lib="dom" />
import type { ChainState } from './chain.ts';
import { make, part, setText, visibleText } from './dom.ts';
import type { EventFilter, EventStore, StoredEvent } from './events.ts';
import type { LiveState } from './live-events.ts';

/** The filters above the list. */
export interface FilterForm {
  /** Sets the trace and tells that the filter changed. */
  readonly setTrace: (traceId: string) => void;
  /** Takes every filter away and tells so. */
  readonly clear: () => void;
  /** Offers these services, keeping the one that is chosen. */
  offerServices(services: ReadonlySet<string>): void;
  focus(): void;
}

/** Reads the form of the page; `onChange` is called with each change of what it asks. */
export function createFilterForm(onChange: (filter: EventFilter) => void): FilterForm {
  const form = part('filters', HTMLFormElement);
  const text = part('filter-text', HTMLInputElement);
  const type = part('filter-type', HTMLSelectElement);
  const service = part('filter-service', HTMLSelectElement);
  const trace = part('filter-trace', HTMLInputElement);
  const warned = part('filter-warned', HTMLInputElement);
  const offered = new Set<string>();

  const tell = (): void => {
    onChange({
      text: text.value,
      type: type.value,
      service: service.value,
      trace: trace.value,
      warnedOnly: warned.checked,
    });
  };
  form.addEventListener('input', tell);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
  });
  const clear = (): void => {
    for (const field of [text, type, service, trace]) field.value = '';
    warned.checked = false;
    tell();
  };
  form.addEventListener('reset', (event) => {
    // The browser would empty the fields only after this event, when the list is filtered already.
    event.preventDefault();
    clear();
  });
  return {
    setTrace(traceId) {
      trace.value = traceId;
      tell();
    },
    clear,
    offerServices(services) {
      for (const name of services) {
        if (offered.has(name)) continue;
        offered.add(name);
        service.append(make('option', { value: name }, [visibleText(name)]));
      }
    },
    focus() {
      text.focus();
      text.select();
    },
  };
}

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
