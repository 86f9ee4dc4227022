import { findPersonalData } from './personal-data.ts';

/** A piece of a value: plain, taken out by redaction (hashed or masked), or likely left in raw. */
export type Segment =
  | { readonly kind: 'plain' | 'hash' | 'mask'; readonly text: string }
  | { readonly kind: 'raw'; readonly text: string; readonly label: string };

const HASH_KEY = /(?:_hash|[._]sha256)$/;
const HEX_DIGEST = /^[0-9a-f]{32,128}$/;
/** Digits and a key id alone: what only resembles a mark may hold the very data it should hide. */
const MARK =
  /\[[a-z]{2,12} (?:sha256|hmac-sha256:[\w-]{1,32}):[0-9a-f]{32,64}\]|(?<!\w)(?:hmac-sha256:[\w-]{1,32}:|sha256:)[0-9a-f]{16,128}(?!\w)|\[(?:email|ip|cpf|cnpj|card|phone|jwt|bearer|key|secret|text|masked|REDACTION_ERROR)\]/g;

/** Cuts a value into its segments; together they are the value. The key says how to read digests. */
export function segmentsOf(key: string, text: string): readonly Segment[] {
  if (HASH_KEY.test(key) && HEX_DIGEST.test(text)) return [{ kind: 'hash', text }];
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    segments.push(...searchPlain(text.slice(from, match.index)));
    segments.push({ kind: match[0].includes('sha256:') ? 'hash' : 'mask', text: match[0] });
    from = match.index + match[0].length;
  }
  segments.push(...searchPlain(text.slice(from)));
  return segments;
}

function searchPlain(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const { start, end, label } of findPersonalData(text)) {
    if (start > from) segments.push({ kind: 'plain', text: text.slice(from, start) });
    segments.push({ kind: 'raw', text: text.slice(start, end), label });
    from = end;
  }
  if (from < text.length) segments.push({ kind: 'plain', text: text.slice(from) });
  return segments;
}
