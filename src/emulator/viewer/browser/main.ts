/// <reference lib="dom" />
import { ChainWatch, standingOf } from './chain.ts';
import { eventDetail, standingText } from './detail.ts';
import { digestsOf } from './digests.ts';
import { make, part, setText } from './dom.ts';
import type { EventFilter, StoredEvent, ViewedEntry } from './events.ts';
import { EventStore, readEntries } from './events.ts';
import { EventList } from './list.ts';
import { FilterForm, showChain, showCount, showDigests, showEmpty, showLive } from './toolbar.ts';

const store = new EventStore();
const detail = part('detail', HTMLElement);
const grid = part('events', HTMLElement);
let selected: StoredEvent | undefined;
let isDrawn = true;

const chain = new ChainWatch((index) => store.all[index]?.entry, requestDraw);
const list = new EventList({
  grid,
  rows: part('rows', HTMLElement),
  selected: () => selected,
  standing: (event) => standingOf(chain.state, event.index),
  onSelect: select,
  onOpen() {
    if (selected !== undefined) detail.focus();
  },
  onScroll: requestDraw,
});
let asked: EventFilter | undefined;
const filters = new FilterForm((filter) => {
  asked = filter;
  applyFilter(filter, []);
  void searchDigests(filter);
});

function applyFilter(filter: EventFilter, digests: readonly string[]): void {
  store.filter(filter, digests);
  list.toTop();
  requestDraw();
}

/** Looks again, as soon as it is known what stands for the text where it is hashed. */
async function searchDigests(filter: EventFilter): Promise<void> {
  const digests = await digestsOf(filter.text, crypto.subtle);
  if (asked !== filter) return;
  showDigests(digests);
  if (digests.length > 0) applyFilter(filter, digests);
}

/** Draws at most once a frame, however much happens. */
function requestDraw(): void {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(draw);
}

function draw(): void {
  isDrawn = true;
  list.render(store.shown);
  showChain(chain.state, store.all);
  showCount(store);
  showEmpty(store);
  drawStanding();
}

function select(event: StoredEvent): void {
  if (event !== selected) {
    selected = event;
    detail.replaceChildren(...eventDetail(event, onTrace));
    detail.scrollTop = 0;
  }
  requestDraw();
}

function onTrace(traceId: string): void {
  filters.setTrace(traceId);
}

function drawStanding(): void {
  const standing = document.getElementById('standing');
  if (standing === null || selected === undefined) return;
  const { state, text } = standingText(selected, chain.state);
  standing.dataset['standing'] = state;
  setText(standing, text);
}

part('chain-go', HTMLButtonElement).addEventListener('click', () => {
  const broken = store.all[chain.state.broken?.index ?? -1];
  if (broken === undefined) return;
  if (!store.shown.includes(broken)) filters.clear();
  list.render(store.shown);
  list.reveal(broken);
  select(broken);
  grid.focus();
});

detail.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') grid.focus();
});
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    filters.focus();
  } else if (event.key === 'Escape' && isTyping) grid.focus();
});
addEventListener('resize', requestDraw);

/** The entries that follow start at this index; those from there on that the page has are old. */
function onFrom(index: number): void {
  if (index === store.all.length) return;
  store.clear();
  chain.reset();
  selected = undefined;
  detail.replaceChildren(make('p', { class: 'hint' }, ['Select an event to see it in full.']));
  requestDraw();
}

function onEntries(entries: readonly ViewedEntry[]): void {
  list.keepPlace(store.add(entries));
  filters.offerServices(store.services);
  void chain.run();
  requestDraw();
}

const STREAM_PATH = '/viewer/events';
const REOPEN_MS = 2_000;

/**
 * Follows the ledger, for ever. The browser reconnects by itself after a cut and says how far it
 * got; where it gives up, the stream is opened again with the same word.
 */
function followLedger(lastEventId = ''): void {
  let reached = lastEventId;
  const after = reached === '' ? '' : `?after=${encodeURIComponent(reached)}`;
  const source = new EventSource(STREAM_PATH + after);
  source.addEventListener('open', () => {
    showLive('open');
  });
  source.addEventListener('from', (event: MessageEvent<string>) => {
    onFrom(Number(event.data));
  });
  source.addEventListener('message', (event: MessageEvent<string>) => {
    reached = event.lastEventId;
    onEntries(readEntries(event.data));
  });
  source.addEventListener('error', () => {
    showLive('lost');
    if (source.readyState === EventSource.CLOSED) setTimeout(followLedger, REOPEN_MS, reached);
  });
}

followLedger();
