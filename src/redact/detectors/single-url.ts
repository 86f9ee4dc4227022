import { redactQuery } from './query.ts';
import { redactPart, redactWritten, replacement, type UrlRedaction } from './url-part.ts';
import { userinfoEnd } from './userinfo.ts';

const AUTHORITY = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\//iu;

/** The scheme, the replaced userinfo and the host of a URL, and where its path begins. */
function redactAuthority(url: string, options: UrlRedaction): readonly [string, number] {
  const opening = AUTHORITY.exec(url)?.[0] ?? '';
  if (opening === '') return ['', 0];
  const at = userinfoEnd(url, opening.length);
  const hasUserinfo = at > opening.length;
  const userinfo = hasUserinfo
    ? `${replacement(url.slice(opening.length, at), 'secret', options)}@`
    : '';
  const host = hasUserinfo ? at + 1 : opening.length;
  const length = url.slice(host).search(/[/?#]/u);
  const end = length === -1 ? url.length : host + length;
  return [opening + userinfo + url.slice(host, end), end];
}

function redactPath(path: string, options: UrlRedaction): string {
  const segments = path.split('/').map((segment) => redactPart(segment, options));
  return redactWritten(segments.join('/'), options);
}

/** A fragment is a path, a query, or a path with a query, as single-page applications have it. */
function redactFragment(fragment: string, options: UrlRedaction): string {
  const mark = fragment.indexOf('?');
  if (mark === -1 && fragment.includes('=')) return redactQuery(fragment, options);
  if (mark === -1) return redactPath(fragment, options);
  const query = redactQuery(fragment.slice(mark), options);
  return redactPath(fragment.slice(0, mark), options) + query;
}

/**
 * Redacts one URL or relative reference (`/search?q=x`), and leaves it readable as one.
 *
 * Userinfo goes; the host stays; path segments are decoded and searched; the query, and a
 * fragment with parameters, are treated as {@link redactQuery} says. Malformed escapes are kept
 * as they are and never throw.
 */
export function redactUrl(url: string, options: UrlRedaction): string {
  const [authority, pathStart] = redactAuthority(url, options);
  const rest = url.slice(pathStart);
  const hash = rest.indexOf('#');
  const reference = hash === -1 ? rest : rest.slice(0, hash);
  const mark = reference.indexOf('?');
  const path = mark === -1 ? reference : reference.slice(0, mark);
  const query = mark === -1 ? '' : redactQuery(reference.slice(mark), options);
  const fragment = hash === -1 ? '' : `#${redactFragment(rest.slice(hash + 1), options)}`;
  return authority + redactPath(path, options) + query + fragment;
}
