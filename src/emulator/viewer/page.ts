import { VERSION } from '../../version.ts';
import { readFileSync } from 'node:fs';

/** The icon of the page: three links of a chain. */
export const ICON: string =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0f766e" ' +
  'stroke-width="3"><rect x="2" y="11" width="12" height="10" rx="5"/>' +
  '<rect x="18" y="11" width="12" height="10" rx="5"/><path d="M10 16h12"/></svg>';

/** The whole page as it is sent. No event is in it: the script puts them in as text. */
export function page(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ImmutableLog emulator</title>
<link rel="icon" href="/viewer/icon.svg">
<link rel="stylesheet" href="/viewer/style.css">
<script type="module" src="/viewer/main.js"></script>
</head>
<body>
<a class="skip" href="#events">Skip to the events</a>
<header class="top">
<h1>ImmutableLog <small>emulator ${VERSION}</small></h1>
<p class="pill" id="live" role="status" data-state="wait">Connecting…</p>
<div class="chain" id="chain" data-state="wait">
<p id="chain-text" role="status">Nothing to verify yet</p>
<code id="chain-head" title="Hash of the newest event"></code>
<button type="button" id="chain-go" hidden>Show the event</button>
</div>
</header>
<form class="filters" id="filters" role="search" aria-label="Filter events">
<label class="grow">Text <input id="filter-text" type="search" autocomplete="off" spellcheck="false" placeholder="Name, payload or meta"></label>
<label>Type <select id="filter-type"><option value="">All</option><option>success</option><option>info</option><option>warning</option><option>error</option></select></label>
<label>Service <select id="filter-service"><option value="">All</option></select></label>
<label>Trace <input id="filter-trace" type="search" autocomplete="off" spellcheck="false" placeholder="Trace id"></label>
<label class="check"><input id="filter-warned" type="checkbox"> Only with warnings</label>
<button type="reset">Clear</button>
<output id="count" role="status">0 events</output>
</form>
<main>
<section class="list" aria-label="Events">
<div class="grid" id="events" role="grid" tabindex="0" aria-label="Events, newest first" aria-describedby="keys" aria-readonly="true">
<div class="row head" role="row" aria-rowindex="1">
<span role="columnheader" aria-colindex="1">Time (UTC)</span>
<span role="columnheader" aria-colindex="2">Type</span>
<span role="columnheader" aria-colindex="3">Event</span>
<span role="columnheader" aria-colindex="4">Service</span>
<span role="columnheader" aria-colindex="5">Env</span>
<span role="columnheader" aria-colindex="6">Trace</span>
<span role="columnheader" aria-colindex="7">Notes</span>
</div>
<div class="rows" id="rows" role="rowgroup"></div>
</div>
<p class="empty" id="empty">No event yet. The page shows each one as it is sealed.</p>
</section>
<section class="detail" id="detail" tabindex="-1" aria-label="Selected event">
<p class="hint">Select an event to see it in full.</p>
</section>
</main>
<footer>
<p id="keys"><kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>Enter</kbd> read, <kbd>Esc</kbd> back, <kbd>/</kbd> search</p>
<p>Warnings know e-mail, CPF, IPv4, telephone numbers with + and tokens; no warning is no proof.</p>
</footer>
<noscript><p class="noscript">This page needs JavaScript.</p></noscript>
</body>
</html>
`;
}

/** Colours, frame, filters and list. The page is as high as the window; list and event scroll. */
export const STYLESHEET: string = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --sheet: #fff; --line: #dfe3e7; --ink: #16202a; --quiet: #55626f;
  --accent: #0f766e; --chosen: #d9efec;
  --ok: #17663a; --info: #1d5fa8; --warn: #8a5300; --bad: #b3231b;
  --ok-soft: #e0f3e7; --info-soft: #e3effb; --warn-soft: #fdf0d5; --bad-soft: #fde6e4;
  --hash: #5b3fa8; --hash-soft: #ece7fa;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10161c; --sheet: #171f27; --line: #2b3641; --ink: #e4eaf0; --quiet: #9aa8b5;
    --accent: #4fd1c1; --chosen: #17403d;
    --ok: #74d79a; --info: #84bdf7; --warn: #f0bd62; --bad: #ff9b92;
    --ok-soft: #16351f; --info-soft: #162f49; --warn-soft: #3a2c10; --bad-soft: #46201d;
    --hash: #c3b1fb; --hash-soft: #2d2450;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body {
  display: grid; grid-template-rows: auto auto minmax(0, 1fr) auto;
  background: var(--ground); color: var(--ink);
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
code, pre { font-family: var(--mono); font-size: 12.5px; }
p, h1, h2, h3 { margin: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button, input, select {
  font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 9px; min-height: 32px;
}
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; z-index: 3; background: var(--sheet); padding: 8px 12px; }

.top {
  display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px;
  padding: 10px 16px; background: var(--sheet); border-bottom: 1px solid var(--line);
}
h1 { font-size: 17px; letter-spacing: -0.01em; }
h1 small { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: 4px; }
.pill { display: flex; align-items: center; gap: 6px; font-size: 13px; color: var(--quiet); }
.pill::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--quiet); }
.pill[data-state="open"]::before { background: var(--ok); }
.pill[data-state="lost"] { color: var(--bad); }
.pill[data-state="lost"]::before { background: var(--bad); }
.chain {
  display: flex; align-items: center; flex-wrap: wrap; gap: 4px 12px; margin-left: auto;
  min-height: 34px; padding: 0 12px; border-radius: 8px; background: var(--ground);
}
.chain p { font-weight: 600; }
.chain code:empty { display: none; }
.chain[data-state="ok"] { background: var(--ok-soft); color: var(--ok); }
.chain[data-state="broken"] { background: var(--bad-soft); color: var(--bad); }
.chain[data-state="wait"] p { font-weight: 400; color: var(--quiet); }
.chain button { color: var(--ink); min-height: 26px; padding: 1px 9px; }

.filters { display: flex; flex-wrap: wrap; align-items: end; gap: 8px 12px; padding: 10px 16px; }
.filters label { display: grid; gap: 2px; font-size: 12px; color: var(--quiet); }
.filters label > * { font-size: 14px; color: var(--ink); }
.filters .grow { flex: 1 1 220px; }
.filters select { width: 128px; }
#filter-trace { width: 168px; }
.filters .check { display: flex; align-items: center; gap: 6px; min-height: 32px; font-size: 13px; }
.check input { min-height: 0; accent-color: var(--accent); }
#count {
  min-width: 124px; min-height: 32px; padding-top: 6px; text-align: right; font-size: 13px;
  color: var(--quiet); font-variant-numeric: tabular-nums;
}

main {
  display: grid; grid-template-columns: minmax(0, 1.7fr) minmax(340px, 1fr); min-height: 0;
  border-block: 1px solid var(--line); background: var(--sheet);
}
.list { position: relative; min-height: 0; min-width: 0; }
.grid { height: 100%; overflow: auto; overflow-anchor: none; }
.grid:focus-visible { outline-offset: -2px; }
.rows { position: relative; min-width: 660px; contain: layout; }
.row {
  display: grid; align-items: center; height: 34px; padding: 0 16px; gap: 0 12px; min-width: 660px;
  grid-template-columns: 140px 58px minmax(130px, 1fr) minmax(60px, 84px) minmax(44px, 80px) 62px 104px; font-size: 13px;
  border-bottom: 1px solid var(--line);
}
.rows .row { position: absolute; inset: 0 0 auto; cursor: default; }
.row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head {
  position: sticky; top: 0; z-index: 1; background: var(--ground); font-size: 12px;
  font-weight: 600; color: var(--quiet);
}
.time, .trace { font-family: var(--mono); font-size: 12px; color: var(--quiet); }
.name { font-weight: 600; }
.service, .env { color: var(--quiet); }
.notes { font-size: 12px; font-weight: 600; color: var(--warn); }
.rows .row:hover { background: var(--ground); }
.row[aria-selected="true"], .rows .row[aria-selected="true"]:hover {
  background: var(--chosen); box-shadow: inset 3px 0 var(--accent);
}
.row[data-standing="broken"] { background: var(--bad-soft); box-shadow: inset 3px 0 var(--bad); }
.row[data-standing="broken"] .notes { color: var(--bad); }
.row[data-standing="after-broken"] .notes { font-weight: 400; color: var(--quiet); }
.type { font-size: 12px; font-weight: 600; }
[data-type="success"] .type, .type[data-type="success"] { color: var(--ok); }
[data-type="info"] .type, .type[data-type="info"] { color: var(--info); }
[data-type="warning"] .type, .type[data-type="warning"] { color: var(--warn); }
[data-type="error"] .type, .type[data-type="error"] { color: var(--bad); }
.empty { position: absolute; inset: 34px 0 0; padding: 48px 16px; text-align: center; color: var(--quiet); pointer-events: none; }

footer {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 16px;
  padding: 7px 16px; font-size: 12px; color: var(--quiet);
}
kbd { font: 11px var(--mono); border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; background: var(--sheet); }
.noscript { padding: 16px; }
@media (max-width: 900px) {
  main { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); }
}
`;

/** The event in full. */
export const DETAIL_STYLES: string = `
.detail { min-height: 0; overflow: auto; padding: 16px 18px 28px; border-left: 1px solid var(--line); scrollbar-gutter: stable; }
.detail:focus-visible { outline-offset: -2px; }
.hint { padding: 40px 0; text-align: center; color: var(--quiet); }
.over { font-size: 12px; color: var(--quiet); }
.detail h2 { font-size: 19px; line-height: 1.25; overflow-wrap: anywhere; }
.detail h3 { margin: 22px 0 6px; font-size: 12px; text-transform: uppercase; letter-spacing: 0.06em; color: var(--quiet); }
.standing { margin-top: 10px; padding: 6px 10px; min-height: 33px; border-radius: 6px; background: var(--ground); font-size: 13px; }
.standing[data-standing="verified"] { background: var(--ok-soft); color: var(--ok); }
.standing[data-standing="broken"] { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.warnings { margin-top: 10px; padding: 8px 12px; border-radius: 6px; background: var(--warn-soft); color: var(--warn); font-size: 13px; }
.warnings ul { margin: 2px 0 0; padding-left: 20px; color: var(--ink); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 5px 14px; margin: 14px 0 0; font-size: 13px; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts button { min-height: 24px; padding: 0 8px; font-size: 12px; }
.pairs { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 13px; }
.pairs th, .pairs td { padding: 5px 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.pairs th { width: 36%; padding-right: 12px; font-weight: 400; }
.pairs .group { padding-top: 10px; font-weight: 600; color: var(--quiet); }
.value { white-space: pre-wrap; }
mark { border-radius: 3px; padding: 0 2px; color: inherit; background: none; }
mark.hash { word-break: break-all; background: var(--hash-soft); color: var(--hash); }
mark.mask { background: var(--info-soft); color: var(--info); }
mark.raw { background: var(--warn-soft); color: var(--warn); text-decoration: underline wavy; text-underline-offset: 3px; }
.badge { display: inline-block; margin-left: 6px; padding: 0 7px; border-radius: 9px; font-size: 11px; line-height: 18px; font-weight: 600; white-space: nowrap; }
.badge.hash { background: var(--hash-soft); color: var(--hash); }
.badge.mask { background: var(--info-soft); color: var(--info); }
.badge.raw { background: var(--warn-soft); color: var(--warn); }
@media (max-width: 900px) { .detail { border-left: 0; border-top: 1px solid var(--line); } }
details { margin-top: 8px; font-size: 13px; }
summary { cursor: pointer; color: var(--quiet); }
pre { margin: 6px 0 0; padding: 10px; max-height: 280px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 6px; }
`;

/** One file of the page. */
export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

const SCRIPT_PATH = /^\/viewer\/([a-z]+(?:-[a-z]+)*)\.js$/;

/** The file at a path without query; `undefined` where there is none. */
export function findAsset(path: string): Asset | undefined {
  if (path === '/') return { contentType: 'text/html; charset=utf-8', text: page() };
  if (path === '/viewer/style.css') {
    return { contentType: 'text/css; charset=utf-8', text: STYLESHEET + DETAIL_STYLES };
  }
  if (path === '/viewer/icon.svg') return { contentType: 'image/svg+xml', text: ICON };
  const name = SCRIPT_PATH.exec(path)?.[1];
  const text = name === undefined ? undefined : readScript(name);
  return text === undefined ? undefined : { contentType: 'text/javascript; charset=utf-8', text };
}

/** Only compiled code has scripts for the browser; the name cannot leave the folder. */
function readScript(name: string): string | undefined {
  try {
    return readFileSync(new URL(`./browser/${name}.js`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
