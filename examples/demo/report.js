import { styleText } from 'node:util';

/** @typedef {import('opentelemetry-exporter-immutablelog/emulator').LedgerEntry} LedgerEntry */
/** @typedef {Parameters<typeof styleText>[0]} Style */

const WIDTH = 98;

/**
 * Colour on a terminal, plain text elsewhere.
 *
 * @param {Style} style
 * @param {string} text
 */
function paint(style, text) {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
    ? styleText(style, text)
    : text;
}

/** @param {string} text */
export function heading(text) {
  return `\n${paint('bold', text)}`;
}

/**
 * @param {string} text
 * @param {number} width
 */
function fit(text, width) {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
}

/** @type {Readonly<Record<string, Style>>} */
const TYPE_STYLES = { success: 'green', info: 'cyan', warning: 'yellow', error: 'red' };

/**
 * One line for each request of the traffic.
 *
 * @param {readonly { visit: { method: string, path: string }, status: number }[]} answers
 */
export function trafficTable(answers) {
  return answers
    .map(({ visit, status }) => `  ${fit(visit.method, 5)} ${fit(visit.path, 60)} ${status}`)
    .join('\n');
}

/**
 * One line for each event of the ledger.
 *
 * @param {readonly LedgerEntry[]} events
 */
export function ledgerTable(events) {
  const head = `  ${fit('TIME', 13)}${fit('TYPE', 9)}${fit('EVENT', 36)}${fit('SERVICE', 10)}${fit('ENV', 8)}TRACE`;
  const lines = events.map(({ receivedAt, type, eventName, service, env, traceId }) => {
    const time = fit(receivedAt.slice(11, 23), 13);
    const cells = `${fit(eventName, 36)}${fit(service, 10)}${fit(env, 8)}${(traceId ?? '-').slice(0, 8)}`;
    return `  ${time}${paint(TYPE_STYLES[type] ?? 'reset', fit(type, 9))}${cells}`;
  });
  return [paint('dim', head), ...lines].join('\n');
}

/**
 * Makes a line fit the terminal: of a digest its first digits say enough.
 *
 * @param {string} line
 * @param {number} width
 */
function shorten(line, width) {
  const short = line.replaceAll(/(?<=sha256:|_hash": ")([0-9a-f]{12})[0-9a-f]+/g, '$1…');
  return short.length > width ? `${short.slice(0, width - 1)}…` : short;
}

const HASHED = /_hash"?:|\[\w+ (?:hmac-)?sha256:/;
const MASKED = /\[(?:cpf|ip|masked|query|secret)\]/;

/** @param {string} line */
function markOf(line) {
  const marks = [
    ...(HASHED.test(line) ? ['hashed'] : []),
    ...(MASKED.test(line) ? ['masked'] : []),
  ];
  return marks.length === 0 ? '' : `  ← ${marks.join(', ')}`;
}

/**
 * One event in full, with a mark where something was taken out before it left the shop.
 *
 * @param {LedgerEntry} event
 */
export function eventInFull({ txId, meta, payload }) {
  const text = JSON.stringify({ tx_id: txId, meta, payload: JSON.parse(payload) }, undefined, 2);
  return text
    .split('\n')
    .map((line) => {
      const mark = markOf(line);
      const shown = `  ${shorten(line, WIDTH - 2 - mark.length)}`;
      return mark === '' ? shown : `${paint('yellow', shown)}${paint('dim', mark)}`;
    })
    .join('\n');
}

/**
 * What was checked, and how it came out.
 *
 * @param {readonly { ok: boolean, text: string }[]} checks
 */
export function checkList(checks) {
  return checks
    .map(({ ok, text }) => `  ${ok ? paint('green', 'ok  ') : paint('red', 'FAIL')}  ${text}`)
    .join('\n');
}
