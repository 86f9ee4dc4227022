import type { AuditEvent, Signal } from '../record/event.ts';
import type { JsonObject, JsonObjectDraft, JsonValue } from '../record/json.ts';
import { bareObject, isJsonArray, isJsonObject } from '../record/json.ts';
import type { Field, MetaField, Redact } from '../record/schema.ts';
import { META_FIELDS, PAYLOAD } from '../record/schema.ts';
import { toJsonValue } from '../record/values.ts';
import type { RedactionCounters, RedactionStats } from './accounting.ts';
import { ScanBudget, createRedactionCounters } from './accounting.ts';
import type { DataClass } from './detectors/detector.ts';
import { DATA_CLASSES } from './detectors/detector.ts';
import type { Digester } from './digest.ts';
import { canonicalForm, createDigester } from './digest.ts';
import type { RedactKey, RedactOptions } from './options.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { requireChoice, resolveKey, resolveRedactOptions } from './resolve.ts';
import type { Decision } from './rules.ts';
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

/** Takes personal data and secrets out of events. */
export interface Redaction {
  /** The event without them. Never throws and never changes what it was given. */
  event(event: AuditEvent): Redacted<AuditEvent>;
  /** Free text, such as the words of a server, without them. Never throws. */
  text(text: string): string;
}

/** A {@link Redaction} by the given options; what it does is counted in `counters`. */
export function createRedaction(
  resolved: ResolvedRedaction,
  counters: RedactionCounters,
): Redaction {
  const engine = createEngine(resolved, counters);
  const { budget, digester, isClean, scanText } = engine;
  const redactMeta = createRedactMeta(engine);
  const redactPayload = createRedactPayload(engine);

  // Two keys with different personal data in them must stay different, so such a key is digested
  // as a whole; the digest is a key as good as any.
  const redactKey = (key: string): string => (isClean(key) ? key : digester.ofValue(key, 'text'));

  return {
    event(event) {
      budget.refill();
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
    text(text) {
      budget.refill();
      return scanText(text, 'text') ?? '';
    },
  };
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

function mint(event: AuditEvent): Redacted<AuditEvent> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that mints it
  return event as Redacted<AuditEvent>;
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
  const { budget, tree, scanText, digester } = createEngine(
    resolveRedactOptions(options),
    counters,
  );
  return {
    redact(value) {
      budget.refill();
      try {
        const copy = toJsonValue(value);
        return redactAnything(tree, copy) ?? null;
      } catch {
        counters.error();
        return ERROR_MARKER;
      }
    },
    redactText(text) {
      budget.refill();
      return scanText(text, 'text') ?? '';
    },
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

/** The parts of redaction, put together by one configuration. */
interface Engine {
  readonly budget: ScanBudget;
  readonly digester: Digester;
  /** Whether a text holds nothing that a scan would find; counts nothing. */
  readonly isClean: (text: string) => boolean;
  readonly decide: (path: string) => Decision;
  readonly applyRule: ApplyRule;
  readonly scanText: ScanText;
  readonly tree: RedactTree;
}

/** Puts the parts together; what they do is counted in `counters`. */
function createEngine(resolved: ResolvedRedaction, counters: RedactionCounters): Engine {
  const digester = createDigester(resolved.keys[0]);
  const budget = new ScanBudget(counters);
  const scanText = createScanText(resolved, createMark(digester, counters), counters, budget);
  const unseen = createRedactionCounters();
  const probed = new ScanBudget(unseen);
  const probe = createScanText(resolved, createMark(digester, unseen), unseen, probed);
  const isClean = (name: string): boolean => {
    probed.refill();
    return probe(name, 'name') === name;
  };
  const decide = createDecisions(resolved);
  const applyRule = createApplyRule(digester, counters);
  return {
    budget,
    digester,
    isClean,
    decide,
    applyRule,
    scanText,
    tree: createTree({ ...resolved, decide, scanText, isClean, applyRule, budget }),
  };
}

/** Redacts the `meta` of an event. Keys of the caller fall under the rules for attributes. */
function createRedactMeta({ tree, scanText, decide, applyRule }: Engine): RedactMeta {
  const known = new Map<string, KnownKey>();
  for (const [key, { redact, sources = [], colon }] of META_FIELDS) {
    const decision = sources
      .map(decide)
      .find(({ action }) => action !== 'scan' && action !== 'keep');
    known.set(key, { textKind: redact, decision, colon, last: noCleanText() });
  }

  function redactKnown(text: string, how: KnownKey): string {
    const { textKind, decision, last, colon } = how;
    if (textKind === 'kept') return text;
    if (decision !== undefined) {
      const value = applyRule(text, decision, { prefix: 'sha256:', holdsDigests: false });
      return typeof value === 'string' ? value : '';
    }
    const scanned = scanOnce(text, { textKind, scanText, last }) ?? '';
    // The ledger reserves the colon here, and a digest has some.
    return colon === undefined ? scanned : scanned.replaceAll(':', colon);
  }

  return (meta) => {
    // Most `meta` stays as it is and is then the caller's own object: nobody changes either.
    let out: JsonObjectDraft<string> | undefined;
    for (const key of Object.keys(meta)) {
      const text = meta[key] ?? '';
      const how = known.get(key);
      if (how === undefined) {
        out ??= copyUntil(meta, key);
        Object.assign(out, tree({ [key]: text } satisfies JsonObject, 'name'));
        continue;
      }
      const value = redactKnown(text, how);
      const stays = value !== '' || how.textKind === 'kept';
      if (value !== text || !stays) out ??= copyUntil(meta, key);
      if (out !== undefined && stays) out[key] = value;
    }
    return out ?? meta;
  };
}

type RedactMeta = (meta: AuditEvent['meta']) => AuditEvent['meta'];

/** A key that the mapping fills. */
interface KnownKey {
  readonly textKind: MetaField['redact'];
  readonly colon: string | undefined;
  /** The rule about one of its sources that changes the value. */
  readonly decision: Decision | undefined;
  readonly last: CleanText;
}

/** Builds the redaction of payloads, each field as `record/schema` says. */
export function createRedactPayload({
  tree,
  scanText,
  budget,
}: Pick<Engine, 'tree' | 'scanText' | 'budget'>): (event: AuditEvent) => JsonValue {
  const attributes: RedactValue = (value) => tree(value, 'name');
  const text: RedactValue = (value) => tree(value, 'text');
  const ways: Readonly<Record<Exclude<Redact, 'object' | 'list' | 'name'>, RedactValue>> = {
    kept: asIs,
    text,
    attributes,
    anything: (value) => redactAnything(tree, value),
  };

  /** Each place has a memory of its own: spans of one route have one name. */
  function nameWay(): RedactValue {
    const how = { textKind: 'name', scanText, last: noCleanText() } as const;
    return (value) => (typeof value === 'string' ? scanOnce(value, how) : attributes(value));
  }

  function wayOf({ redact, fields = {} }: Field): RedactValue {
    if (redact === 'name') return nameWay();
    if (redact !== 'object' && redact !== 'list') return ways[redact];
    const known = new Map(
      Object.entries(fields).map(([name, field]) => [name, redactionOf(field)]),
    );
    const object: RedactValue = (value) =>
      isJsonObject(value) ? redactFields(value, known, text) : text(value);
    if (redact === 'object') return object;
    return (value) =>
      isJsonArray(value) ? value.map((item) => object(item) ?? null) : text(value);
  }

  function redactionOf(field: Field): RedactValue {
    return field.shared === true ? oncePerObject(wayOf(field), budget) : wayOf(field);
  }

  const bySignal: Readonly<Record<Signal, RedactValue>> = {
    span: redactionOf(PAYLOAD.span),
    log: redactionOf(PAYLOAD.log),
    direct: redactionOf(PAYLOAD.direct),
  };
  return ({ signal, payload }) => bySignal[signal](payload) ?? null;
}

/** Redacts a value; `undefined` when nothing of it may stay. */
type RedactValue = (value: JsonValue) => JsonValue | undefined;

const asIs: RedactValue = (value) => value;

/** A string of the caller's is free text, all else a tree of attributes. */
function redactAnything(tree: RedactTree, value: JsonValue): JsonValue | undefined {
  return tree(value, typeof value === 'string' ? 'text' : 'name');
}

/** An object with each field redacted in its way, and those that are not known in another. */
function redactFields(
  source: JsonObject,
  known: ReadonlyMap<string, RedactValue>,
  unknown: RedactValue,
): JsonObject {
  let out: JsonObjectDraft | undefined;
  for (const key of Object.keys(source)) {
    const redact = known.get(key) ?? unknown;
    if (redact === asIs) continue;
    const value = source[key] ?? null;
    const next = redact(value);
    if (next === value) continue;
    // A copy made at once costs half of one made field by field.
    out ??= Object.assign(bareObject(), source);
    if (next === undefined) delete out[key];
    else out[key] = next;
  }
  return out ?? source;
}

/** The results for objects that many records share, kept as long as the objects live. */
function oncePerObject(redact: RedactValue, budget: ScanBudget): RedactValue {
  const known = new WeakMap<object, JsonValue>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return redact(value);
    const found = known.get(value);
    if (found !== undefined) return found;
    const result = redact(value);
    // What was cut for the sake of one record is not what the others get.
    if (result !== undefined && !budget.isSpent()) known.set(value, result);
    return result;
  };
}
