/// <reference lib="dom" />
import { make, part, visibleText } from './dom.ts';
import type { EventFilter } from './event-filter.ts';

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
