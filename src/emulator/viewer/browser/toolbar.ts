/// <reference lib="dom" />
import type { ChainState } from './chain.ts';
import { make, part, setText, visibleText } from './dom.ts';
import type { EventFilter, EventStore, StoredEvent } from './events.ts';

/** The filters above the list; each change of what they ask is told. */
export class FilterForm {
  readonly #onChange: (filter: EventFilter) => void;
  readonly #text = part('filter-text', HTMLInputElement);
  readonly #type = part('filter-type', HTMLSelectElement);
  readonly #service = part('filter-service', HTMLSelectElement);
  readonly #trace = part('filter-trace', HTMLInputElement);
  readonly #warned = part('filter-warned', HTMLInputElement);
  readonly #offered = new Set<string>();

  constructor(onChange: (filter: EventFilter) => void) {
    this.#onChange = onChange;
    const form = part('filters', HTMLFormElement);
    form.addEventListener('input', () => {
      this.#tell();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
    });
    form.addEventListener('reset', (event) => {
      // The browser would empty the fields only after this event, when the list is filtered already.
      event.preventDefault();
      this.clear();
    });
  }

  /** Asks for one trace. */
  setTrace(traceId: string): void {
    this.#trace.value = traceId;
    this.#tell();
  }

  /** Takes every filter away. */
  clear(): void {
    for (const field of [this.#text, this.#type, this.#service, this.#trace]) field.value = '';
    this.#warned.checked = false;
    this.#tell();
  }

  /** Offers these services, keeping the one that is chosen. */
  offerServices(services: ReadonlySet<string>): void {
    for (const name of services) {
      if (this.#offered.has(name)) continue;
      this.#offered.add(name);
      this.#service.append(make('option', { value: name }, [visibleText(name)]));
    }
  }

  focus(): void {
    this.#text.focus();
    this.#text.select();
  }

  #tell(): void {
    this.#onChange({
      text: this.#text.value,
      type: this.#type.value,
      service: this.#service.value,
      trace: this.#trace.value,
      warnedOnly: this.#warned.checked,
    });
  }
}

const NUMBERS = new Intl.NumberFormat('en');

/** Says whether new events come in. */
export function showLive(state: 'open' | 'lost'): void {
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

/** Says whether the digests of the text are searched for, too. */
export function showDigests(digests: readonly string[]): void {
  const note = part('digest-note', HTMLElement);
  note.hidden = digests.length === 0;
  setText(note, note.hidden ? '' : 'Its SHA-256 digest is searched for, too');
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
