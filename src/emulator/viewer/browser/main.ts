/// <reference lib="dom" />
import { standingOf, watchChain } from './chain.ts';
import { eventDetail, standingText } from './detail.ts';
import { make, part, setText } from './dom.ts';
import type { StoredEvent } from './events.ts';
import { createEventStore } from './events.ts';
import { createEventList } from './list.ts';
import { followEvents } from './live-events.ts';
import { createFilterForm, showChain, showCount, showEmpty, showLive } from './toolbar.ts';

const store = createEventStore();
const detail = part('detail', HTMLElement);
const grid = part('events', HTMLElement);
let selected: StoredEvent | undefined;
let isDrawn = true;

const chain = watchChain((index) => store.all[index]?.entry, requestDraw);
const list = createEventList({
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
const filters = createFilterForm((filter) => {
  store.filter(filter);
  list.toTop();
  requestDraw();
});

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
    detail.replaceChildren(...eventDetail(event, { onTrace: filters.setTrace }));
    detail.scrollTop = 0;
  }
  requestDraw();
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

followEvents('/viewer/events', {
  onFrom(index) {
    if (index === store.all.length) return;
    store.clear();
    chain.reset();
    selected = undefined;
    detail.replaceChildren(make('p', { class: 'hint' }, ['Select an event to see it in full.']));
    requestDraw();
  },
  onEntries(entries) {
    list.keepPlace(store.add(entries));
    filters.offerServices(store.services);
    void chain.run();
    requestDraw();
  },
  onState: showLive,
});
