import type { AuditEvent } from '../record/event.ts';
import type { JsonObject, JsonObjectDraft, JsonValue } from '../record/json.ts';
import { bareObject, isJsonArray, isJsonObject } from '../record/json.ts';
import type { MetaDraft } from '../record/meta.ts';
import { toJsonValue } from '../record/values.ts';
import type { RedactionCounters, RedactionStats } from './accounting.ts';
import { createRedactionCounters } from './accounting.ts';
import type { DataClass } from './detectors/detector.ts';
import { DATA_CLASSES } from './detectors/detector.ts';
import type { Digester } from './digest.ts';
import { canonicalForm, createDigester } from './digest.ts';
import type { RedactKey, RedactOptions } from './options.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { requireChoice, resolveKey, resolveRedactOptions } from './resolve.ts';
import type { Decision, TextKind } from './rules.ts';
import { createDecisions } from './rules.ts';
import type { CleanText, ScanText } from './text.ts';
import { ERROR_MARKER, createMark, createScanText, noCleanText, scanOnce } from './text.ts';
import type { ApplyRule, RedactTree } from './tree.ts';
import { copyUntil, createApplyRule, createTree } from './tree.ts';

declare const redacted: unique symbol;

/**
 * Proof that a value went through the redactor. Only `redactor.ts` makes one; the encoder
 * takes nothing else, so the compiler refuses every way around redaction.
 */
export type Redacted<T> = T & { readonly [redacted]: true };

/** The parts of redaction, put together by one configuration. */
export interface Engine {
  readonly digester: Digester;
  /** Whether a text holds nothing that a scan would find; counts nothing. */
  readonly isClean: (text: string) => boolean;
  readonly decide: (path: string) => Decision;
  readonly applyRule: ApplyRule;
  readonly scanText: ScanText;
  readonly tree: RedactTree;
}

/** Puts the parts together; what they do is counted in `counters`. */
export function createEngine(resolved: ResolvedRedaction, counters: RedactionCounters): Engine {
  const digester = createDigester(resolved.keys[0]);
  const scanText = createScanText(resolved, createMark(digester, counters), counters);
  const unseen = createRedactionCounters();
  const probe = createScanText(resolved, createMark(digester, unseen), unseen);
  const isClean = (name: string): boolean => probe(name, 'name') === name;
  const decide = createDecisions(resolved);
  const applyRule = createApplyRule(digester, counters);
  return {
    digester,
    isClean,
    decide,
    applyRule,
    scanText,
    tree: createTree({ decide, scanText, isClean, applyRule, naming: resolved.naming }),
  };
}

/** Redacts the `meta` of an event. */
export type RedactMeta = (
  meta: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>>;

/** What the redaction of `meta` is made of. */
export interface MetaParts {
  readonly tree: RedactTree;
  readonly scanText: ScanText;
  readonly decide: (path: string) => Decision;
  readonly applyRule: ApplyRule;
}

/** A key that the mapping fills. */
interface KnownKey {
  /** `fixed`: words from closed lists, ids, and the address that travels only when asked for. */
  readonly textKind: TextKind | 'fixed';
  /** Attributes that the value may have come from: a rule about one of them is about it too. */
  readonly sources: readonly string[];
}

function known(textKind: TextKind | 'fixed', sources: readonly string[] = []): KnownKey {
  return { textKind, sources };
}

/** What one redaction knows about such a key. */
interface KnownState extends Pick<KnownKey, 'textKind'> {
  /** The rule about one of its sources that changes the value. */
  readonly decision: Decision | undefined;
  readonly last: CleanText;
}

const KNOWN: ReadonlyMap<string, KnownKey> = new Map([
  ['type', known('fixed')],
  ['log_level', known('fixed')],
  ['trace_id', known('fixed')],
  ['http_status', known('fixed')],
  ['client_ip', known('fixed')],
  ['event_name', known('name')],
  ['service', known('name')],
  ['env', known('name')],
  ['environment', known('name')],
  ['request_id', known('name')],
  ['http_method', known('name')],
  ['http_route', known('text', ['http.route'])],
  ['error_type', known('name', ['error.type', 'exception.type'])],
  ['error_message', known('text', ['exception.message'])],
  ['immutable_trail', known('name')],
]);

/** Builds the redaction of `meta`. Keys of the caller fall under the rules for attributes. */
export function createRedactMeta({ tree, scanText, decide, applyRule }: MetaParts): RedactMeta {
  const states = new Map<string, KnownState>();
  for (const [key, { textKind, sources }] of KNOWN) {
    const decisions = sources.map(decide);
    const decision = decisions.find(({ action }) => action !== 'scan' && action !== 'keep');
    states.set(key, { textKind, decision, last: noCleanText() });
  }

  function knownValue(key: string, text: string, how: KnownState): string {
    const { decision, textKind, last } = how;
    if (textKind === 'fixed') return text;
    if (decision !== undefined) {
      const value = applyRule(text, decision, { prefix: 'sha256:', holdsDigests: false });
      return typeof value === 'string' ? value : '';
    }
    const scanned = scanOnce(text, { textKind, scanText, last }) ?? '';
    // The ledger reserves the colon in a trail, and a digest has some.
    return key === 'immutable_trail' ? scanned.replaceAll(':', '-') : scanned;
  }

  return (meta) => {
    // Most `meta` stays as it is and is then the caller's own object: nobody changes either.
    let out: MetaDraft | undefined;
    for (const key of Object.keys(meta)) {
      const text = meta[key] ?? '';
      const how = states.get(key);
      if (how === undefined) {
        out ??= copyUntil(meta, key);
        Object.assign(out, tree({ [key]: text } satisfies JsonObject, 'name'));
        continue;
      }
      const value = knownValue(key, text, how);
      const isKept = value !== '' || how.textKind === 'fixed';
      if (value !== text || !isKept) out ??= copyUntil(meta, key);
      if (out !== undefined && isKept) out[key] = value;
    }
    return out ?? meta;
  };
}

/** What the redaction of payloads is made of. */
export interface PayloadParts {
  readonly tree: RedactTree;
  readonly scanText: ScanText;
}

/** Redacts the payload of an event. */
export type RedactPayload = (event: AuditEvent) => JsonValue;

type RedactField = (value: JsonValue) => JsonValue | undefined;
type Fields = ReadonlyMap<string, RedactField>;

const asIs: RedactField = (value) => value;

/** Fields that we fill ourselves with ids, times, numbers and words from closed lists. */
const FIXED: readonly (readonly [string, RedactField])[] = (
  'signal kind code trace_id span_id parent_span_id time start_time end_time observed_time ' +
  'duration_ms severity_number dropped time_invalid'
)
  .split(' ')
  .map((name) => [name, asIs]);

/** Sets or takes out a field; a copy made at once costs half of one made field by field. */
function changed(copy: JsonObjectDraft, key: string, value: JsonValue | undefined): void {
  if (value === undefined) delete copy[key];
  else copy[key] = value;
}

/** An object with each field redacted in its way; a field that is not known counts as text. */
function redactFields(source: JsonObject, fields: Fields, unknown: RedactField): JsonObject {
  let out: JsonObjectDraft | undefined;
  for (const key of Object.keys(source)) {
    const redact = fields.get(key) ?? unknown;
    if (redact === asIs) continue;
    const value = source[key] ?? null;
    const next = redact(value);
    if (next === value) continue;
    out ??= Object.assign(bareObject(), source);
    changed(out, key, next);
  }
  return out ?? source;
}

/** The results for objects that many records share, kept as long as the objects live. */
function oncePerObject(redact: RedactField): RedactField {
  const known = new WeakMap<object, JsonValue>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return redact(value);
    const found = known.get(value);
    if (found !== undefined) return found;
    const result = redact(value);
    if (result !== undefined) known.set(value, result);
    return result;
  };
}

/**
 * Builds the redaction of payloads. Spans and log records have the shape that the mapping gives
 * them; the payload of a direct event is one tree of the caller's.
 */
export function createRedactPayload({ tree, scanText }: PayloadParts): RedactPayload {
  const attributes: RedactField = (value) => tree(value, 'name');
  const text: RedactField = (value) => tree(value, 'text');
  const name: RedactField = (value) =>
    typeof value === 'string' ? scanText(value, 'name') : attributes(value);

  function object(...own: readonly (readonly [string, RedactField])[]): RedactField {
    const fields: Fields = new Map([...FIXED, ...own]);
    return (value) => (isJsonObject(value) ? redactFields(value, fields, text) : text(value));
  }

  function listOf(item: RedactField): RedactField {
    return (value) => {
      if (!isJsonArray(value)) return text(value);
      return value.map((element) => item(element) ?? null);
    };
  }

  const scope = oncePerObject(
    object(['name', name], ['version', name], ['schema_url', name], ['attributes', attributes]),
  );
  const record = object(
    ['name', name],
    ['event_name', name],
    ['severity_text', name],
    ['attributes', attributes],
    ['body', text],
    ['status', object(['message', text])],
    ['events', listOf(object(['name', name], ['attributes', attributes]))],
    ['links', listOf(object(['trace_state', name], ['attributes', attributes]))],
    ['resource', oncePerObject(attributes)],
    ['scope', scope],
    ['trace_state', name],
  );

  return ({ signal, payload }) => {
    if (signal !== 'direct') return record(payload) ?? null;
    return tree(payload, typeof payload === 'string' ? 'text' : 'name') ?? null;
  };
}

/** Takes personal data and secrets out of events. */
export interface Redaction {
  /** The event without them. Never throws and never changes what it was given. */
  event(event: AuditEvent): Redacted<AuditEvent>;
  /** Free text, such as the words of a server, without them. Never throws. */
  text(text: string): string;
}

function mint(event: AuditEvent): Redacted<AuditEvent> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that mints it
  return event as Redacted<AuditEvent>;
}

/** What is left of an event when redaction itself failed: that it happened, and nothing of it. */
function withheld({ signal, meta, idempotencyKey }: AuditEvent, digester: Digester): AuditEvent {
  const { type = 'info', trace_id: traceId } = meta;
  const kept = { type, event_name: ERROR_MARKER, log_level: meta['log_level'] ?? 'info' };
  return {
    signal,
    idempotencyKey: digester.ofValue(idempotencyKey, 'text'),
    meta: traceId === undefined ? kept : { ...kept, trace_id: traceId },
    payload: { signal, redaction: ERROR_MARKER },
  };
}

/** A {@link Redaction} by the given options; what it does is counted in `counters`. */
export function createRedaction(
  resolved: ResolvedRedaction,
  counters: RedactionCounters,
): Redaction {
  const engine = createEngine(resolved, counters);
  const { digester, isClean, scanText } = engine;
  const redactMeta = createRedactMeta(engine);
  const redactPayload = createRedactPayload(engine);

  // Two keys with different personal data in them must stay different, so such a key is digested
  // as a whole; the digest is a key as good as any.
  const redactKey = (key: string): string => (isClean(key) ? key : digester.ofValue(key, 'text'));

  return {
    event(event) {
      try {
        return mint({
          signal: event.signal,
          idempotencyKey: redactKey(event.idempotencyKey),
          meta: redactMeta(event.meta),
          payload: redactPayload(event),
        });
      } catch {
        counters.error();
        return mint(withheld(event, digester));
      }
    },
    text: (text) => scanText(text, 'text') ?? '',
  };
}

/** Redaction on its own, for what a program sends or writes elsewhere. */
export interface Redactor {
  /**
   * A redacted copy of a value as JSON holds it. A string counts as free text, an object as a
   * direct payload. Never throws and never changes the value.
   */
  redact(value: unknown): JsonValue;
  /** Free text with everything found in it replaced. Never throws. */
  redactText(text: string): string;
  /** What stands in an attribute for a value of a class. */
  digest(value: string, dataClass?: DataClass): string;
  /** Counts of what was done so far. */
  stats(): RedactionStats;
}

/**
 * Makes a {@link Redactor}, the same that every event passes.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function createRedactor(options?: RedactOptions): Redactor {
  const counters = createRedactionCounters();
  const { tree, scanText, digester } = createEngine(resolveRedactOptions(options), counters);
  return {
    redact(value) {
      try {
        const copy = toJsonValue(value);
        return tree(copy, typeof copy === 'string' ? 'text' : 'name') ?? null;
      } catch {
        counters.error();
        return ERROR_MARKER;
      }
    },
    redactText: (text) => scanText(text, 'text') ?? '',
    digest: (value, dataClass = 'text') => digester.ofValue(value, dataClass),
    stats: () => counters.snapshot(),
  };
}

/** How the digest of a value is made. */
export interface DigestOptions {
  /** The key under which events were sent. */
  readonly key?: RedactKey | undefined;
}

/**
 * What is stored for a value, so that an auditor can search the ledger for a person.
 *
 * - Without a key and class: 64 hex digits over the exact UTF-8 bytes, as rules for attributes
 *   store it (`printf %s "$value" | sha256sum`).
 * - Without a key but with a class: 64 hex digits over the canonical form; the first 32 are what
 *   stands in text, as in `[email sha256:…]`.
 * - With a key: `hmac-sha256:<key id>:<64 hex>` over the canonical form of the class.
 *
 * @param value - as a person would give it
 * @param dataClass - what it is; its canonical form is hashed
 * @param options - the key, if there is one
 * @throws {@link ExporterError} `config_invalid` for a bad key or an unknown class
 *
 * @example
 * ```ts
 * digest('user@example.com', 'email'); // 64 hex digits
 * ```
 */
export function digest(
  value: string,
  dataClass: DataClass = 'text',
  options: DigestOptions = {},
): string {
  requireChoice('class', dataClass, DATA_CLASSES);
  const key = options.key === undefined ? undefined : resolveKey(options.key);
  return createDigester(key).ofValue(canonicalForm(value, dataClass), dataClass);
}
