/// <reference lib="dom" />
import type { ViewedEntry } from './events.ts';
import { readEntries } from './events.ts';

/** How the page hangs on to the emulator. */
export type LiveState = 'open' | 'lost';

/** What the stream tells. */
export interface LiveListener {
  /** The entries that follow start at this index; those from there on that the page has are old. */
  onFrom(index: number): void;
  onEntries(entries: readonly ViewedEntry[]): void;
  onState(state: LiveState): void;
}

const REOPEN_MS = 2_000;

/**
 * Follows the ledger, for ever. The browser reconnects by itself after a cut and says how far it
 * got; where it gives up, the stream is opened again with the same word.
 */
export function followEvents(path: string, listener: LiveListener): void {
  let lastEventId = '';
  const open = (): void => {
    const after = lastEventId === '' ? '' : `?after=${encodeURIComponent(lastEventId)}`;
    const source = new EventSource(path + after);
    source.addEventListener('open', () => {
      listener.onState('open');
    });
    source.addEventListener('from', (event: MessageEvent<string>) => {
      listener.onFrom(Number(event.data));
    });
    source.addEventListener('message', (event: MessageEvent<string>) => {
      ({ lastEventId } = event);
      listener.onEntries(readEntries(event.data));
    });
    source.addEventListener('error', () => {
      listener.onState('lost');
      if (source.readyState === EventSource.CLOSED) setTimeout(open, REOPEN_MS);
    });
  };
  open();
}
