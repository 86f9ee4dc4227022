import type { RedactionCounters } from './accounting.ts';
import { cutMarker, MAX_SEARCHED, safeCut } from './cap.ts';
import { detect } from './detectors/detect.ts';
import { isPlain, isPlainUrl } from './detectors/plain.ts';
import { HIDDEN_VALUE, redactQuery } from './detectors/query.ts';
import { stripSqlLiterals } from './detectors/sql.ts';
import type { UrlRedaction } from './detectors/url-part.ts';
import { redactUrl } from './detectors/single-url.ts';
import { redactUrls } from './detectors/url.ts';
import { ERROR_MARKER, isMask, type Mark } from './marker.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { framesOnly, splitStack } from './stack.ts';
import type { Surface } from './surface.ts';

/** Searches a string for personal data and secrets; `undefined` when nothing of it stays. */
export type Search = (text: string, surface: Surface) => string | undefined;

type Scope = 'every' | 'text';

/** A URL or reference and nothing else; what has spaces is text about URLs. */
const WHOLE_URL = /^\S+$/;

/** Builds the redaction of text that is short enough to be searched. */
function createTextRedaction(url: UrlRedaction): (text: string, scope: Scope) => string {
  return (text, scope) => {
    if (isPlain(text, scope)) return text;
    const plain = redactUrls(text, url);
    const found = detect(plain, scope);
    if (found.length === 0) return plain;
    let result = '';
    let at = 0;
    for (const { start, end, class: dataClass } of found) {
      const value = plain.slice(start, end);
      const isDone = value === HIDDEN_VALUE || isMask(value);
      result += plain.slice(at, start) + (isDone ? value : url.replace(value, dataClass));
      at = end;
    }
    return result + plain.slice(at);
  };
}

/** Builds the search by the options. It is total: what fails becomes `[REDACTION_ERROR]`. */
export function createSearch(
  { detect: where, stack, urlQueryAllow }: ResolvedRedaction,
  mark: Mark,
  counters: RedactionCounters,
): Search {
  const url: UrlRedaction = { allow: urlQueryAllow, replace: mark };
  const redactText = createTextRedaction(url);
  const scopeOfNames = where === 'all' ? 'text' : 'every';

  function searchStack(text: string): string {
    const parts = splitStack(text).map(({ kind, text: part }) => ({
      kind,
      text: redactText(part, kind === 'frames' ? scopeOfNames : 'text'),
    }));
    return stack === 'frames' ? framesOnly(parts) : parts.map((part) => part.text).join('');
  }

  const bySurface: Readonly<Record<Surface, (text: string) => string>> = {
    name: (text) => redactText(text, scopeOfNames),
    text: (text) => redactText(text, 'text'),
    url(text) {
      if (isPlainUrl(text)) return text;
      return redactText(WHOLE_URL.test(text) ? redactUrl(text, url) : text, 'text');
    },
    query: (text) => redactText(redactQuery(text, url), 'text'),
    sql: (text) => redactText(stripSqlLiterals(text), 'text'),
    stack: searchStack,
  };

  function capped(text: string, surface: Surface): string {
    if (text.length <= MAX_SEARCHED) return bySurface[surface](text);
    const end = safeCut(text, MAX_SEARCHED);
    counters.cut();
    return bySurface[surface](text.slice(0, end)) + cutMarker(text.length - end);
  }

  return (text, surface) => {
    if (surface === 'stack' && stack === 'none') {
      counters.count('drop', 'text');
      return undefined;
    }
    if (where === 'off') {
      return surface === 'stack' && stack === 'frames' ? framesOnly(splitStack(text)) : text;
    }
    try {
      return capped(text, surface);
    } catch {
      counters.error();
      return ERROR_MARKER;
    }
  };
}
