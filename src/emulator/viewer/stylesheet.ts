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
