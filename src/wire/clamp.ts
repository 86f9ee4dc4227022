import type { JsonObject, JsonValue } from '../record/json.ts';
import { canonicalJson } from './canonical-json.ts';
import { ClampDraft } from './clamp-draft.ts';
import { fitEventAttributes, fitMember } from './clamp-members.ts';
import { cutLongestTexts, cutStacks } from './clamp-texts.ts';
import { MIN_CUT_BYTES, cutMarked } from './cut-marked.ts';
import { fitValue } from './fit.ts';
import { isJsonObject, jsonBytes, objectOf } from './json-tree.ts';
import { utf8Length } from './utf8.ts';

/** What the clamp needs from outside. */
export interface ClampDeps {
  /** SHA-256 of the UTF-8 bytes of a text, as lower-case hex. */
  readonly sha256Hex: (text: string) => string;
  /** The longest payload text in UTF-8 bytes; at least 512. */
  readonly maxBytes: number;
}

type Reduction = (draft: ClampDraft) => void;

const member =
  (key: string): Reduction =>
  (draft) => {
    fitMember(draft, key);
  };

/** From what can be spared to what is the evidence itself. What is not named here stays. */
const RECORD_REDUCTIONS: readonly Reduction[] = [
  cutStacks,
  fitEventAttributes,
  member('links'),
  member('resource'),
  cutLongestTexts,
  member('attributes'),
  member('events'),
  member('scope'),
  member('trace_state'),
  member('body'),
];

const DIRECT_REDUCTIONS: readonly Reduction[] = [cutStacks, cutLongestTexts];

function isRecord(payload: JsonObject): boolean {
  return payload['signal'] === 'span' || payload['signal'] === 'log';
}

function reduced(payload: JsonObject, marker: JsonObject, maxBytes: number): string {
  const draft = new ClampDraft(payload, maxBytes);
  draft.set('truncated', marker);
  for (const reduce of isRecord(payload) ? RECORD_REDUCTIONS : DIRECT_REDUCTIONS) {
    if (draft.excess <= 0) break;
    reduce(draft);
  }
  if (draft.excess <= 0) return draft.text();

  draft.set('truncated', undefined);
  const room = maxBytes - jsonBytes({ truncated: marker });
  const rest = fitValue(draft.toJson(), room);
  const members = isJsonObject(rest) ? Object.entries(rest) : [];
  return canonicalJson(objectOf([...members, ['truncated', marker]]));
}

function cutWhole(payload: JsonValue, full: string, room: number): string {
  const text = typeof payload === 'string' ? payload : full;
  return cutMarked(text, Math.max(room, MIN_CUT_BYTES));
}

/**
 * Writes a payload as canonical JSON of at most `maxBytes`; always valid JSON.
 *
 * A payload that is too long is reduced in a fixed order, each step only as far as needed:
 * frames of stack traces, attributes of span events, links, resource, the longest texts, and
 * at last attributes by size. What names the record (its name, ids, times, kind, status and
 * severity) stays. `"truncated":{"bytes":…,"digest":"…"}` then gives size and SHA-256 of the
 * full payload; a payload of another shape than an object moves under `value`, and so does
 * one with a `truncated` of its own.
 */
export function clampPayload(payload: JsonValue, { sha256Hex, maxBytes }: ClampDeps): string {
  const full = canonicalJson(payload);
  const bytes = utf8Length(full);
  if (bytes <= maxBytes) return full;
  const marker: JsonObject = { bytes, digest: sha256Hex(full) };
  if (!isJsonObject(payload)) {
    const room = maxBytes - jsonBytes({ truncated: marker, value: '' });
    return canonicalJson({ truncated: marker, value: cutWhole(payload, full, room) });
  }
  const isMarked = Object.hasOwn(payload, 'truncated');
  return reduced(isMarked ? { value: payload } : payload, marker, maxBytes);
}
