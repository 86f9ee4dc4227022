/** @typedef {import('opentelemetry-exporter-immutablelog').Stats} Stats */
/** @typedef {import('opentelemetry-exporter-immutablelog/emulator').LedgerEntry} LedgerEntry */

/**
 * Everything the demo knows when the traffic is over.
 *
 * @typedef {object} Evidence
 * @property {{ spans: number, logs: number }} counted by processors beside the exporters
 * @property {Stats} spans what the span exporter says
 * @property {Stats} logs what the log exporter says
 * @property {readonly LedgerEntry[]} events what the ledger holds
 * @property {number} receipts
 * @property {number} violations requests the ledger refused
 * @property {boolean} chainHolds
 * @property {readonly string[]} bodies every request the ledger got, whatever became of it
 * @property {readonly string[]} secrets raw values of the traffic
 * @property {number} requests answered by the shop, health checks left out
 */

/** @typedef {{ ok: boolean, text: string }} Check */

/** @param {Stats} stats */
export function lossesOf({ dropped }) {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/**
 * @param {string} what
 * @param {Stats} stats
 * @param {number} counted
 * @returns {Check}
 */
function checkBalance(what, stats, counted) {
  const { emitted, accepted, filtered, inFlight } = stats;
  const lost = lossesOf(stats);
  return {
    ok: emitted === accepted + filtered && lost === 0 && inFlight === 0 && emitted === counted,
    text: `${what}: ${counted} counted = ${emitted} emitted = ${accepted} accepted + ${filtered} filtered + ${lost} lost`,
  };
}

/**
 * Judges a run of the demo.
 *
 * @param {Evidence} evidence
 * @returns {Check[]}
 */
export function judge(evidence) {
  const { counted, spans, logs, events, requests, secrets, bodies } = evidence;
  const requestEvents = events.filter(({ meta }) => meta['http_status'] !== undefined);
  const leaked = bodies.filter((body) => secrets.some((secret) => body.includes(secret)));
  const accepted = spans.accepted + logs.accepted;
  return [
    checkBalance('spans', spans, counted.spans),
    checkBalance('logs', logs, counted.logs),
    {
      ok: requestEvents.length === requests && logs.accepted > 0,
      text: `ledger has ${requestEvents.length} of ${requests} requests, and ${logs.accepted} log records`,
    },
    {
      ok: events.length === accepted && evidence.receipts === accepted,
      text: `ledger holds ${events.length} events and gave ${evidence.receipts} receipts for ${accepted} accepted`,
    },
    {
      ok: evidence.violations === 0,
      text: `ledger refused ${evidence.violations} requests`,
    },
    {
      ok: evidence.chainHolds,
      text: 'hash chain of the ledger verified',
    },
    {
      ok: leaked.length === 0,
      text: `${leaked.length} of ${bodies.length} requests held a raw e-mail address, CPF or password`,
    },
  ];
}
