import { wordsOf } from './name-path.ts';

/**
 * What kind of text a value is, which decides how it is searched.
 *
 * - `name`: short, technical; searched for secrets and e-mail addresses.
 * - `text`: written by or about people; searched for everything.
 * - `url`, `query`, `sql`, `stack`: text with a structure of its own.
 */
export type Surface = 'name' | 'text' | 'url' | 'query' | 'sql' | 'stack';

const BY_PATH: Readonly<Record<string, Surface>> = {
  'url.query': 'query',
  'url.fragment': 'query',
  'http.url': 'url',
  'http.target': 'url',
  'db.query.text': 'sql',
  'db.statement': 'sql',
  'exception.stacktrace': 'stack',
  'exception.message': 'text',
};

const BY_NAME: Readonly<Record<string, Surface>> = {
  url: 'url',
  uri: 'url',
  href: 'url',
  referer: 'url',
  referrer: 'url',
  location: 'url',
  original_url: 'url',
  request_url: 'url',
  request_uri: 'url',
  query_string: 'query',
  stack: 'stack',
  stacktrace: 'stack',
  stack_trace: 'stack',
  message: 'text',
  msg: 'text',
  error_message: 'text',
  description: 'text',
  text: 'text',
  body: 'text',
  comment: 'text',
  comments: 'text',
  reason: 'text',
  note: 'text',
  notes: 'text',
  details: 'text',
  summary: 'text',
};

const DOTTED_URL = /(?:^|\.)url\.[^.]+$/;

/** The surface of the value under a dotted path, by what the semantic conventions put there. */
export function surfaceOf(path: string): Surface {
  const lower = path.toLowerCase();
  const known = Object.entries(BY_PATH).find(
    ([name]) => lower === name || lower.endsWith(`.${name}`),
  );
  if (known !== undefined) return known[1];
  if (DOTTED_URL.test(lower)) return 'url';
  const name = wordsOf(path.slice(path.lastIndexOf('.') + 1));
  return Object.hasOwn(BY_NAME, name) ? (BY_NAME[name] ?? 'name') : 'name';
}
