import { bareObject } from '../record/bare-object.ts';
import type { JsonObject } from '../record/json.ts';
import { type CleanText, noCleanText, searchOnce } from './clean-text.ts';
import type { Decision } from './rules.ts';
import type { Search } from './search.ts';
import type { Surface } from './surface.ts';
import type { RedactTree } from './tree.ts';
import type { WholeValue } from './whole-value.ts';

/** Redacts the `meta` of an event. */
export type RedactMeta = (
  meta: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>>;

/** What the redaction of `meta` is made of. */
export interface MetaParts {
  readonly tree: RedactTree;
  readonly search: Search;
  readonly decide: (path: string) => Decision;
  readonly wholeValue: WholeValue;
}

/** A key that the mapping fills. */
interface KnownKey {
  readonly surface: Surface;
  /** Attributes that the value may have come from: a rule about one of them is about it too. */
  readonly sources: readonly string[];
}

function known(surface: Surface, sources: readonly string[] = []): KnownKey {
  return { surface, sources };
}

/** What one redaction knows about such a key. */
interface KnownState {
  readonly surface: Surface;
  /** The rule about one of its sources that changes the value. */
  readonly decision: Decision | undefined;
  readonly last: CleanText;
}

/** Words from closed lists, ids, and the address that travels only when it was asked for. */
const FIXED: ReadonlySet<string> = new Set([
  'type',
  'log_level',
  'trace_id',
  'http_status',
  'client_ip',
]);

const KNOWN: ReadonlyMap<string, KnownKey> = new Map([
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
export function createRedactMeta({ tree, search, decide, wholeValue }: MetaParts): RedactMeta {
  const states = new Map<string, KnownState>();
  for (const [key, { surface, sources }] of KNOWN) {
    const decisions = sources.map(decide);
    const decision = decisions.find(({ action }) => action !== 'scan' && action !== 'keep');
    states.set(key, { surface, decision, last: noCleanText() });
  }

  function knownValue(key: string, text: string, how: KnownState): string {
    const { decision, surface, last } = how;
    if (decision !== undefined) {
      const value = wholeValue(text, decision, { prefix: 'sha256:', holdsDigests: false });
      return typeof value === 'string' ? value : '';
    }
    const searched = searchOnce(text, { surface, search, last }) ?? '';
    // The ledger reserves the colon in a trail, and a digest has some.
    return key === 'immutable_trail' ? searched.replaceAll(':', '-') : searched;
  }

  return (meta) => {
    const out = bareObject<string>();
    for (const key of Object.keys(meta)) {
      const text = meta[key] ?? '';
      const how = states.get(key);
      if (FIXED.has(key)) out[key] = text;
      else if (how !== undefined) {
        const value = knownValue(key, text, how);
        if (value !== '') out[key] = value;
      } else Object.assign(out, tree({ [key]: text } satisfies JsonObject, 'name'));
    }
    return out;
  };
}
