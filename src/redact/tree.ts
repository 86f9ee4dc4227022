/**
 * Walks over a tree of values and redacts each leaf: by the rule about its path, else by a scan.
 *
 * - The tree given is never changed; a part in which nothing changes is shared with it.
 * - A rule about a container is about every leaf in it, unless an earlier rule is about the leaf.
 * - A container of which a rule leaves nothing goes together with its name.
 * - A digest never takes a name that is taken, and two names never become one.
 * - What names alone decide is worked out once per path, in a memory that is bounded and never
 *   holds a name that shows personal data.
 */
import type { JsonArray, JsonObject, JsonObjectDraft, JsonValue } from '../record/json.ts';
import { bareObject, isJsonArray, isSameList } from '../record/json.ts';
import type { RedactionCounters, ScanBudget } from './accounting.ts';
import { detect } from './detectors/detect.ts';
import type { DataClass } from './detectors/detector.ts';
import type { Digester } from './digest.ts';
import { canonicalNumber, publicPart } from './digest.ts';
import type { ResolvedRedaction } from './resolve.ts';
import type { Decision, TextKind } from './rules.ts';
import { inherit } from './rules.ts';
import { wordsOf } from './secret-names.ts';
import type { CleanText, ScanText } from './text.ts';
import { ERROR_MARKER, isMask, maskOf, noCleanText, scanOnce } from './text.ts';

/** Redacts a tree whose strings are of the given kind, where their names do not say more. */
export type RedactTree = (tree: JsonValue, textKind: 'name' | 'text') => JsonValue | undefined;

/** What names are judged by; all of it total. */
export interface NameRules {
  /** What rules say about a dotted path. */
  readonly decide: (path: string) => Decision;
  readonly scanText: ScanText;
  /** Whether a text holds nothing that a scan would find. */
  readonly isClean: (text: string) => boolean;
}

/** What trees are redacted by; all of it total. */
export interface TreeRules extends NameRules, Pick<ResolvedRedaction, 'naming' | 'detect'> {
  readonly applyRule: ApplyRule;
  readonly budget: ScanBudget;
}

/** Builds the redaction of trees. */
export function createTree(rules: TreeRules): RedactTree {
  const names = new NameTree(rules);
  const walks = { name: new Walk(rules, names, 'name'), text: new Walk(rules, names, 'text') };
  return (tree, textKind) => walks[textKind].redact(tree);
}

/** The way over a tree whose strings are of one kind. */
class Walk {
  readonly #rules: TreeRules;
  readonly #names: NameTree;
  readonly #textKind: 'name' | 'text';

  constructor(rules: TreeRules, names: NameTree, textKind: 'name' | 'text') {
    this.#rules = rules;
    this.#names = names;
    this.#textKind = textKind;
  }

  redact(tree: JsonValue): JsonValue | undefined {
    return this.#value(tree, this.#names.root, IN_PLACE);
  }

  #value(value: JsonValue, node: NameNode, place: DigestName): JsonValue | undefined {
    if (typeof value !== 'object' || value === null) return this.#leaf(value, node, place);
    return isJsonArray(value) ? this.#array(value, node, place) : this.#object(value, node);
  }

  #leaf(leaf: Leaf, node: NameNode, place: DigestName): JsonValue | undefined {
    const { decision } = node;
    if (decision !== undefined && decision.action !== 'scan') {
      return this.#rules.applyRule(leaf, decision, place);
    }
    const known = decision?.textKind ?? 'name';
    const textKind = known === 'name' ? this.#textKind : known;
    if (typeof leaf === 'number') return this.#number(leaf, textKind);
    return typeof leaf === 'string' ? this.#text(leaf, textKind, node) : leaf;
  }

  #text(text: string, textKind: TextKind, { clean: last }: NameNode): string | undefined {
    const { detect: where, scanText } = this.#rules;
    const found = scanOnce(text, { textKind, scanText, last });
    return where === 'all' && found === text && hidesText(text, scanText) ? maskOf('text') : found;
  }

  #number(value: number, textKind: TextKind): JsonValue | undefined {
    const { detect: where, scanText } = this.#rules;
    const isSearched = where === 'all' && Math.abs(value) >= SMALLEST_NUMBER;
    if (!isSearched && textKind !== 'hidden') return value;
    const text = String(value);
    const found = scanText(text, textKind);
    return found === text ? value : found;
  }

  #array(source: JsonArray, node: NameNode, place: DigestName): JsonArray | undefined {
    const { budget } = this.#rules;
    let out: JsonValue[] | undefined;
    for (let index = 0; index < source.length; index += 1) {
      if (budget.isSpent()) return [...(out ?? source.slice(0, index)), budget.notKept()];
      const item = source[index] ?? null;
      const next = isPair(item) ? this.#pair(item, node) : this.#value(item, node, place);
      if (next !== item) out ??= source.slice(0, index);
      if (next !== undefined) out?.push(next);
    }
    return unlessNothingStays(out ?? source, node);
  }

  /** A name and its value in an array of such, as `Object.entries` and lists of headers have it. */
  #pair(source: Pair, node: NameNode): JsonValue | undefined {
    const [name, value] = source;
    const named = this.#names.child(node, name);
    if (!isDecided(named)) return this.#array(source, node, IN_PLACE);
    const next = this.#value(value, named, IN_PLACE);
    return next === value ? source : [named.safe, next ?? null];
  }

  #object(source: JsonObject, node: NameNode): JsonObject | undefined {
    const { budget } = this.#rules;
    let out: JsonObjectDraft | undefined;
    let kept = 0;
    for (const child of this.#names.children(node, budget.keysOf(source))) {
      if (budget.isSpent()) return this.#cut(source, child.key, out);
      const place = digestNameFor(source, child, this.#rules.naming);
      const value = this.#member(source, this.#deciding(source, child, node), child.key, place);
      const stays = value === source[child.key];
      if (!stays || child.safe !== child.key) out ??= copyUntil(source, child.key);
      if (value === undefined) continue;
      kept += 1;
      if (out !== undefined) {
        const name = stays ? child.safe : newName(child, place);
        out[freeName(name, child.key, source, out)] = value;
      }
    }
    return kept === 0 && isDropped(node) ? undefined : (out ?? source);
  }

  /** What was looked at of an object, and that there is more. */
  #cut(source: JsonObject, until: string, out: JsonObjectDraft | undefined): JsonObject {
    const cut = out ?? copyUntil(source, until);
    cut[this.#rules.budget.notKept()] = true;
    return cut;
  }

  /** Whose rules a value falls under that stands beside a name: `{ name: 'Authorization', value: … }`. */
  #deciding(source: JsonObject, node: NameNode, parent: NameNode): NameNode {
    if (node.key !== 'value' && node.key !== 'val') return node;
    const name = NAMING_KEYS.map((key) => source[key]).find((found) => typeof found === 'string');
    if (typeof name !== 'string' || name.length > LONGEST_NAME) return node;
    const named = this.#names.child(parent, name);
    return isDecided(named) ? named : node;
  }

  #member(
    source: JsonObject,
    node: NameNode,
    key: string,
    place: DigestName,
  ): JsonValue | undefined {
    const value = source[key] ?? null;
    if (typeof value !== 'string' || !isCommand(node, source))
      return this.#value(value, node, place);
    return this.#text(value, 'command', node);
  }
}

function unlessNothingStays(result: JsonArray, node: NameNode): JsonArray | undefined {
  return result.length === 0 && isDropped(node) ? undefined : result;
}

/** No number with fewer than eleven digits is one that a detector looks for. */
const SMALLEST_NUMBER = 1e10;

/** Names under which an object says what the value beside it is. */
const NAMING_KEYS = ['name', 'key', 'header', 'field'];
const LONGEST_NAME = 64;

function isDecided({ decision }: NameNode): boolean {
  return decision !== undefined && decision.action !== 'scan' && decision.action !== 'keep';
}

type Pair = readonly [name: string, value: JsonValue];

function isPair(item: JsonValue): item is Pair {
  if (typeof item !== 'object' || item === null || !isJsonArray(item) || item.length !== 2)
    return false;
  const [name] = item;
  return typeof name === 'string' && name.length <= LONGEST_NAME && /^[\w.-]+$/.test(name);
}

const BASE64 = /^[A-Za-z0-9+/]{12,}={0,2}$/;

/** Whether a text is base64, as bytes become, of a text in which something is found. */
function hidesText(text: string, scanText: ScanText): boolean {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return !decoded.includes('\ufffd') && scanText(decoded, 'text') !== decoded;
}

// Where SQL is expected they have commands, which have neither literals nor quotes.
/** Values of `db.system.name` and `db.system` for stores that take commands in place of SQL. */
const COMMAND_SYSTEMS: ReadonlySet<unknown> = new Set(['redis', 'valkey', 'memcached']);
const SYSTEM_NAMES = ['db.system.name', 'db.system', 'system.name', 'system'];

function isCommand({ decision }: NameNode, source: JsonObject): boolean {
  if (decision?.textKind !== 'sql' || decision.action !== 'scan') return false;
  return SYSTEM_NAMES.some(
    (name) => Object.hasOwn(source, name) && COMMAND_SYSTEMS.has(source[name]),
  );
}

function newName({ hashed, safe }: NameNode, { renamed }: DigestName): string {
  return renamed ? hashed : safe;
}

function isDropped({ decision }: NameNode): boolean {
  return decision?.action === 'drop';
}

/** A copy of the entries that come before the key `until`. */
export function copyUntil<Value extends JsonValue>(
  source: Readonly<Record<string, Value>>,
  until: string,
): JsonObjectDraft<Value> {
  const copy = bareObject<Value>();
  for (const key of Object.keys(source)) {
    if (key === until) break;
    const value = source[key];
    if (value !== undefined) copy[key] = value;
  }
  return copy;
}

/** The new name for a key, or the first of `name#2`, `name#3` … that no other entry has. */
function freeName(name: string, key: string, source: JsonObject, out: JsonObject): string {
  if (name === key) return name;
  const isTaken = (candidate: string): boolean =>
    Object.hasOwn(source, candidate) || Object.hasOwn(out, candidate);
  if (!isTaken(name)) return name;
  let count = 2;
  while (isTaken(`${name}#${count}`)) count += 1;
  return `${name}#${count}`;
}

/** A value without anything inside it. */
export type Leaf = string | number | boolean | null;

/** Where a digest will stand: it names itself there, or its attribute's name says what it is. */
export interface DigestPlace {
  /** `''` under a name like `user.email_hash`, else `sha256:`; unused with a key. */
  readonly prefix: string;
  /** Whether bare hex under this name is a digest that somebody made before. */
  readonly holdsDigests: boolean;
}

/** Applies the decision of a rule to a leaf; `undefined` when it does not travel. */
export type ApplyRule = (
  leaf: Leaf,
  decision: Decision,
  place: DigestPlace,
) => JsonValue | undefined;

/** Builds what applies the decision of a rule to a value. */
export function createApplyRule(digester: Digester, counters: RedactionCounters): ApplyRule {
  return (leaf, decision, place) => {
    const { action, class: dataClass } = decision;
    if (action === 'drop') {
      counters.count('drop', dataClass);
      return undefined;
    }
    if (action === 'error') {
      counters.error();
      return ERROR_MARKER;
    }
    if (action === 'keep' || action === 'scan' || isExempt(leaf, decision)) return leaf;
    const text = textOf(leaf, dataClass);
    // Data that was redacted before stays as it is, so that redacting it again changes nothing.
    if (action === 'hash' && (isMask(text) || isDigest(text, place))) return leaf;
    counters.count(action, dataClass);
    if (action === 'mask') return maskOf(dataClass);
    if (action === 'truncate') return truncated(text, dataClass);
    return digestsOf(text, dataClass, (value) => {
      const digest = digester.ofValue(value, dataClass);
      return digester.keyed ? digest : place.prefix + digest;
    });
  };
}

/** The digest of a value, or those of its parts. */
function digestsOf(
  text: string,
  dataClass: DataClass,
  digestOf: (value: string) => string,
): JsonValue {
  return partsOf(text, dataClass)?.map(digestOf) ?? digestOf(text);
}

/** A list of the kind is told by one of these, an address alone has none of them. */
const SIGNS_OF_LISTS: Readonly<Partial<Record<DataClass, RegExp>>> = {
  email: /[<>,;\s"]/,
  ip: /[,;\s[\]="]|^[\d.]+:\d+$/,
};

/**
 * The persons or addresses in a value that holds more than one of them alone (`Ana <ana@…>, bob@…`,
 * a forwarded-for list, `ip:port`), each as it is written, so that each can be found by its digest.
 */
function partsOf(text: string, dataClass: DataClass): readonly string[] | undefined {
  if (SIGNS_OF_LISTS[dataClass]?.test(text.trim()) !== true) return undefined;
  const parts = detect(text, 'text').filter((part) => part.class === dataClass);
  const values = parts.map(({ start, end, value }) => value ?? text.slice(start, end));
  return values.length === 0 ? undefined : values;
}

/** Built-in rules go by names, and `email_verified: true` is no e-mail address. */
function isExempt(leaf: Leaf, { own, stringsOnly }: Decision): boolean {
  if (leaf === null) return true;
  return !own && (typeof leaf === 'boolean' || (stringsOnly && typeof leaf === 'number'));
}

function textOf(leaf: Leaf, dataClass: DataClass): string {
  return typeof leaf === 'number' ? canonicalNumber(leaf, dataClass) : String(leaf);
}

function truncated(text: string, dataClass: DataClass): string {
  return publicPart(text, dataClass) ?? maskOf(dataClass);
}

const BARE = /^[0-9a-f]{64}$/;
const SELF_DESCRIBING = /^(?:sha256:|hmac-sha256:[A-Za-z0-9_-]{1,32}:)[0-9a-f]{64}$/;
const LONGEST_DIGEST = 128;

function isDigest(text: string, { holdsDigests }: DigestPlace): boolean {
  if (text.length < 64 || text.length > LONGEST_DIGEST) return false;
  return SELF_DESCRIBING.test(text) || (holdsDigests && BARE.test(text));
}

interface DigestName extends DigestPlace {
  /** Whether the name becomes that of a digest, such as `user.email_hash`. */
  readonly renamed: boolean;
}

const IN_PLACE: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };
const SUFFIXED: DigestName = { renamed: true, prefix: '', holdsDigests: false };
const DIGEST_IN_PLACE: DigestName = { ...IN_PLACE, holdsDigests: true };
const DIGEST_BARE: DigestName = { ...SUFFIXED, renamed: false, holdsDigests: true };

/**
 * Where a digest of the value under a name goes: `user.email` → `user.email_hash`. When that name
 * is taken the digest stays in place and names itself, so that nothing is overwritten.
 */
function digestNameFor(
  source: JsonObject,
  { key, decision, hashed, holdsDigests }: NameNode,
  naming: 'suffix' | 'in-place',
): DigestName {
  if (decision?.action !== 'hash') return IN_PLACE;
  if (naming === 'in-place') return holdsDigests ? DIGEST_IN_PLACE : IN_PLACE;
  const flat = isFlat(source[key]);
  if (holdsDigests) return flat ? DIGEST_BARE : DIGEST_IN_PLACE;
  return flat && !Object.hasOwn(source, hashed) ? SUFFIXED : IN_PLACE;
}

/** An array that holds objects or arrays keeps its name: the digests in it name themselves. */
function isFlat(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return isJsonArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

/** Whether a name says that its value is a digest. */
function isDigestName(key: string): boolean {
  const words = wordsOf(key);
  return words.endsWith('_hash') || words.endsWith('_sha256') || words.endsWith('_digest');
}

/** A name at its place in a tree, with all that depends on names alone. */
export interface NameNode {
  readonly key: string;
  /** The dotted path from the root of the tree; `''` for the root. */
  readonly path: string;
  /** What rules say about the value, those about its containers included; none for the root. */
  readonly decision: Decision | undefined;
  /** The name with personal data in it replaced. */
  readonly safe: string;
  /** The name of a digest that takes the place of the value. */
  readonly hashed: string;
  /** Whether bare hex under this name is a digest. */
  readonly holdsDigests: boolean;
  /** The last text under this name in which nothing was found. */
  readonly clean: CleanText;
  /** The names below that were met before, the oldest first; none yet for most. */
  known: Map<string, NameNode> | undefined;
  /** The keys of the object below that was met last, with their places. */
  last: { readonly keys: readonly string[]; readonly nodes: readonly NameNode[] } | undefined;
}

/** Names of attributes are few; a program that makes them up without end costs time, not memory. */
const MAX_NODES = 4096;
const MAX_PATH_KEPT = 512;

/** Remembers what is decided by names; of too many the oldest go, with all that is below them. */
export class NameTree {
  readonly #rules: NameRules;
  readonly #root: NameNode = nodeAt('', '', { decision: undefined, safe: '' });
  #kept = 0;

  constructor(rules: NameRules) {
    this.#rules = rules;
  }

  get root(): NameNode {
    return this.#root;
  }

  /** The places of all keys of an object, in their order. */
  children(parent: NameNode, keys: readonly string[]): readonly NameNode[] {
    // Records of one origin have the same keys, so the last answer is mostly the answer.
    if (parent.last !== undefined && isSameList(parent.last.keys, keys)) return parent.last.nodes;
    const nodes = keys.map((key) => this.child(parent, key));
    const isKept = nodes.every((node) => parent.known?.get(node.key) === node);
    parent.last = isKept ? { keys, nodes } : undefined;
    return nodes;
  }

  /** The place of one key. */
  child(parent: NameNode, key: string): NameNode {
    return parent.known?.get(key) ?? this.#newChild(parent, key);
  }

  #newChild(parent: NameNode, key: string): NameNode {
    const { decide, scanText, isClean } = this.#rules;
    const isTop = parent.path === '';
    const path = isTop ? key : `${parent.path}.${key}`;
    const safe = scanText(key, 'text') ?? '';
    const node = nodeAt(path, key, { decision: inherit(decide(path), parent.decision), safe });
    if (path.length > MAX_PATH_KEPT || safe !== key || (!isTop && !isClean(path))) return node;
    if (this.#kept >= MAX_NODES) this.#forgetOldest(parent);
    if (this.#kept < MAX_NODES) {
      (parent.known ??= new Map()).set(key, node);
      this.#kept += 1;
    }
    return node;
  }

  // Half at a time: a map pays for each removal when it is walked from its front again.
  #forgetOldest(parent: NameNode): void {
    const crowd = parent.known === undefined ? this.#root : parent;
    let excess = Math.ceil((crowd.known?.size ?? 0) / 2);
    // Names that were added below one that went in the meantime count no more.
    if (excess === 0) this.#kept = sizeOf(this.#root) - 1;
    for (const [key, node] of crowd.known ?? []) {
      if (excess === 0) break;
      crowd.known?.delete(key);
      this.#kept -= sizeOf(node);
      excess -= 1;
    }
    crowd.last = undefined;
  }
}

/** How many names are kept at a place and below it. */
function sizeOf({ known }: NameNode): number {
  let size = 1;
  for (const node of known?.values() ?? []) size += sizeOf(node);
  return size;
}

function nodeAt(
  path: string,
  key: string,
  { decision, safe }: Pick<NameNode, 'decision' | 'safe'>,
): NameNode {
  return {
    key,
    path,
    decision,
    safe,
    hashed: `${safe}_hash`,
    holdsDigests: isDigestName(key),
    clean: noCleanText(),
    known: undefined,
    last: undefined,
  };
}
