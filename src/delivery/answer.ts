/**
 * What an answer of the ledger means: how an attempt ended, how long to wait before the next, and
 * the receipt of an event that was taken.
 */
import type { RetryPolicy } from '../config/resolve.ts';
import { codeOf, isExporterError } from '../errors.ts';
import type { AttemptOutcome, Failure, Receipt } from '../outcome.ts';
import { unanswered } from '../outcome.ts';
import { parseHttpDate } from '../runtime/clock.ts';
import type { WireRequest } from '../wire/request.ts';

/** Longest time for which a server's `Retry-After` is heeded, in ms. */
export const MAX_RETRY_AFTER_MS: number = 15 * 60 * 1000;

/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date.
 *
 * @param header - as received; `undefined` when absent
 * @param wallTime - ms since the epoch, to measure a date against
 * @returns ms, never negative and not yet clamped; `undefined` when absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, wallTime: number): number | undefined {
  const text = header?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined ? undefined : Math.max(0, at - wallTime);
}

/**
 * Full-jitter exponential backoff: a random part of `min(maxDelay, initialDelay × 2^retry)`.
 *
 * @param policy - bounds in ms
 * @param retry - which repetition comes next, from 0
 * @param random - a number in [0, 1)
 * @returns how long to wait, in ms
 */
export function backoffMs(policy: RetryPolicy, retry: number, random: number): number {
  return random * Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** retry);
}

/**
 * How long to wait before an event is sent again, in ms: the backoff, and at least as long as the
 * ledger asked for, within [0, 15 min].
 *
 * @param failures - attempts that have failed so far
 * @param retryAfterMs - as {@link parseRetryAfter} gives it
 */
export function retryWaitMs(
  policy: RetryPolicy,
  failures: number,
  random: number,
  retryAfterMs: number | undefined,
): number {
  const asked = Math.min(Math.max(retryAfterMs ?? 0, 0), MAX_RETRY_AFTER_MS);
  return Math.max(backoffMs(policy, failures - 1, random), asked);
}

/** An answer of the ledger, as far as it decides an outcome. */
export interface Answer {
  readonly status: number;
  /** `Retry-After` in ms, not clamped; `undefined` when absent or unreadable. */
  readonly retryAfterMs: number | undefined;
}

// 404 and 405 mean a wrong URL: no event would fare better than this one.
const MISCONFIGURED = new Set([401, 403, 404, 405, 407]);
const RETRYABLE = new Set([408, 425]);

function isServerTrouble(status: number): boolean {
  return RETRYABLE.has(status) || (status >= 500 && status !== 501);
}

/** What is read of an answer's body, once it is known what for. */
export interface AnswerBody {
  /** Asked for on success: whether it is a page for a browser, and so not the ledger's. */
  isPage(): boolean;
  /** Asked for on success: whether the ledger says that it did not take the event. */
  isRefusal(): boolean;
  /** Asked for when the event was taken. */
  receipt(): Receipt;
  /** Asked for when the event is refused: the words of the ledger, if it gave any. */
  reason(): string | undefined;
}

/** What an HTTP answer means for the event that got it. */
export function classifyAnswer(answer: Answer, body: AnswerBody): AttemptOutcome {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return classifySuccess(status, body);
  const failure: Failure = { detail: `HTTP ${status}`, status };
  if (status === 429) return { kind: 'quota', failure, retryAfterMs };
  if (status === 409) return { kind: 'retryable', failure, retryAfterMs, once: true };
  if (isServerTrouble(status)) return { kind: 'retryable', failure, retryAfterMs, once: false };
  if (MISCONFIGURED.has(status) || (status >= 300 && status < 400)) {
    return { kind: 'misconfigured', failure };
  }
  return { kind: 'rejected', failure, reason: body.reason() };
}

// A captive portal, a login page or a foreign server says 200 to everything.
function classifySuccess(status: number, body: AnswerBody): AttemptOutcome {
  if (body.isPage()) {
    const failure = { detail: `HTTP ${status} with a web page`, status };
    return { kind: 'misconfigured', failure };
  }
  if (body.isRefusal()) {
    const failure = { detail: `HTTP ${status} with ok: false`, status };
    return { kind: 'rejected', failure, reason: body.reason() };
  }
  return { kind: 'accepted', receipt: body.receipt() };
}

/** Types of documents for browsers; no ledger answers with one. */
const PAGE_TYPE =
  /^\s*(?:text\/(?:html|xml|css|javascript)|(?:image|audio|video|font)\/|application\/(?:xml|xhtml|javascript|pdf)\b|[^;]*\+xml\b)/i;
// Read as Latin-1, so that UTF-16 is its characters with zeros between them.
const MARKUP = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*</;
const JSON_OBJECT = /^(?:\xef\xbb\xbf)?\s*\{/;
const LOOKED_AT_BYTES = 512;
const OPENING_BRACE = 0x7b;

/** Whether an answer is plainly not the ledger's: by its first bytes, else by its type. */
export function isWebPage(contentType: string | undefined, body: Buffer | undefined): boolean {
  // Nearly every answer; its type may be the default of a framework.
  if (body?.[0] === OPENING_BRACE) return false;
  const start = body?.toString('latin1', 0, LOOKED_AT_BYTES) ?? '';
  if (MARKUP.test(start)) return true;
  if (JSON_OBJECT.test(start)) return false;
  return contentType !== undefined && PAGE_TYPE.test(contentType);
}

/** What a body must hold at least to be a refusal. */
const MAYBE_REFUSED = /"ok"\s*:\s*false/;
/** A refusal that was cut off further on. */
const REFUSED = /^\s*\{\s*"ok"\s*:\s*false\b/;

/** Whether the ledger says in an answer with 2xx that it did not take the event. */
export function isRefusal(text: string): boolean {
  if (!MAYBE_REFUSED.test(text)) return false;
  return field(parse(text), 'ok') === false || REFUSED.test(text);
}

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)|^EPROTO$/;

/**
 * What a failure below HTTP means. Only its code is kept: messages of HTTP libraries may quote
 * headers and URLs.
 */
export function classifyError(error: unknown): AttemptOutcome {
  // Our own words: nothing can be sent as things are.
  if (isExporterError(error)) {
    return { kind: 'misconfigured', failure: { detail: error.message, status: undefined } };
  }
  const unasked = unaskedAnswer(error);
  if (unasked !== undefined) return unasked;
  const code = codeOf(error);
  const detail = code ?? 'network error';
  if (code === undefined || !TLS_CODE.test(code)) return unanswered(detail);
  return { kind: 'misconfigured', failure: { detail, status: undefined } };
}

/**
 * What undici and the `fetch` of Bun make of an answer that they do not hand on; only their own fixed
 * words are read.
 */
const UNASKED: Readonly<Record<string, number>> = {
  'UND_ERR_SOCKET bad response': 100,
  'UND_ERR_SOCKET bad upgrade': 101,
};
const UNASKED_UPGRADE = 'UnrequestedUpgrade';
const PROXY_ANSWER =
  /^Proxy (?:response \((\d{3})\) !== 200 when HTTP Tunneling$|refused to open a tunnel: (\d{3})\b)/;

/** An informational answer nobody asked for, or the refusal of a proxy, which no event can change. */
function unaskedAnswer(error: unknown): AttemptOutcome | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const upgrade = Reflect.get(error, 'code') === UNASKED_UPGRADE;
  const status = upgrade ? 101 : UNASKED[`${codeOf(error) ?? ''} ${message}`];
  if (status !== undefined) {
    return { kind: 'misconfigured', failure: { detail: `HTTP ${status} unasked`, status } };
  }
  const [, tunnelStatus, fetchStatus] = PROXY_ANSWER.exec(message) ?? [];
  const proxyStatus = tunnelStatus ?? fetchStatus;
  if (proxyStatus === undefined) return undefined;
  const detail = `proxy HTTP ${proxyStatus}`;
  const refusal = Number(proxyStatus);
  if (refusal === 429 || isServerTrouble(refusal)) return unanswered(detail);
  return { kind: 'misconfigured', failure: { detail, status: refusal } };
}

/**
 * Reads the answer to an accepted event. What decides is the status of the answer, so every
 * field may be missing or of another type and the body may be no JSON at all.
 */
export function parseReceipt(text: string, sent: WireRequest): Receipt {
  const answer = parse(text);
  return {
    txId: textField(answer, 'tx_id'),
    payloadHash: textField(answer, 'payload_hash'),
    duplicate: field(answer, 'duplicate') === true,
    requestId: textField(answer, 'request_id') ?? sent.requestId,
    status: textField(answer, 'status'),
    idempotencyKey: sent.idempotencyKey,
  };
}

/** What a body must hold at least to call the event a duplicate. */
const MAYBE_DUPLICATE = /"duplicate"\s*:\s*true/;

/**
 * The receipt where nobody wants to see it: whether the ledger had the event already, which is
 * counted, and nothing else of the answer. Reading all of it costs more than it is worth then.
 */
export function plainReceipt(text: string, sent: WireRequest): Receipt {
  if (MAYBE_DUPLICATE.test(text)) return parseReceipt(text, sent);
  const { requestId, idempotencyKey } = sent;
  return {
    txId: undefined,
    payloadHash: undefined,
    duplicate: false,
    requestId,
    status: undefined,
    idempotencyKey,
  };
}

/** The ledger's words for a refusal (`reason`), as they came; `undefined` where it gave none. */
export function parseReason(text: string): string | undefined {
  return textField(parse(text), 'reason');
}

function parse(text: string): object | undefined {
  // Many a proxy answers with nothing or with HTML, and an exception for each costs more than all
  // the rest of an exchange.
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    // `trim` takes a byte order mark too, which JSON does not.
    const value: unknown = JSON.parse(text.trim());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function field(answer: object | undefined, name: string): unknown {
  if (answer === undefined || !Object.hasOwn(answer, name)) return undefined;
  const value: unknown = Reflect.get(answer, name);
  return value;
}

function textField(answer: object | undefined, name: string): string | undefined {
  const value = field(answer, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
