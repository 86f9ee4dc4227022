import { VERSION } from '../../version.ts';

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
