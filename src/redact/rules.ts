/**
 * Decides what happens to the value under a dotted path, and what kind of text it is taken for.
 *
 * - Own rules are tried before the built-in ones; the first that matches decides.
 * - Flat `user.email` and nested `user → email` are one path; names have no case, and
 *   `accessToken`, `access-token` and `access_token` are one name.
 * - A rule about a container is about all that is in it, unless an earlier one is about the leaf.
 * - In allow mode what no own rule names is dropped, and the built-in rules for secrets still hold.
 * - A rule that fails costs the value under that path; it never lets it travel.
 */
import type { DefaultRule } from './default-rules.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { DataClass } from './detectors/detector.ts';
import type { RedactAction, RedactRule } from './options.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { compileNames, wordsOf } from './secret-names.ts';

/** What happens to the value under one path. */
export interface Decision {
  /** `scan`: no rule; the value is scanned. `error`: a rule failed; the value does not travel. */
  readonly action: RedactAction | 'scan' | 'error';
  readonly class: DataClass;
  /** Place of the rule in the order of all rules; the lower wins over the rule of a container. */
  readonly order: number;
  /** Whether a rule of the user decided: built-in rules leave `true`, `false` and counts alone. */
  readonly own: boolean;
  readonly stringsOnly: boolean;
  readonly textKind: TextKind;
  /** Of a value that is dropped only because nobody named it: what is decided once it is named. */
  readonly ifAllowed: Decision | undefined;
}

/** Regular expressions of users see at most this much; what is longer is masked unseen. */
const MAX_PATH = 4096;
const NO_RULE = Number.POSITIVE_INFINITY;
const NO_DEFAULT: DefaultRule = { names: [], action: 'scan', class: 'text' };

const FAILED: Decision = {
  action: 'error',
  class: 'text',
  order: -1,
  own: true,
  stringsOnly: false,
  textKind: 'name',
  ifAllowed: undefined,
};

/** Builds the function that decides about a dotted path. It is total. */
export function createDecisions({
  rules,
  mode,
  urlQueryAllow,
}: Pick<ResolvedRedaction, 'rules' | 'mode' | 'urlQueryAllow'>): (path: string) => Decision {
  const own = rules.map((rule, order) => ({ rule, order, match: compileOwn(rule) }));
  const defaults = compileDefaults(rules.length);

  function decideByDefault(dotted: string, textKind: TextKind): Decision {
    const found = meetsDefault(dotted)
      ? defaults.find(({ matches }) => matches(namePath(dotted)))
      : undefined;
    if (found === undefined) return decidedBy(NO_DEFAULT, NO_RULE, textKind);
    return decidedBy(found.rule, found.order, textKind);
  }

  function decideByOwn(dotted: string, builtIn: Decision): Decision | undefined {
    const path = namePath(dotted);
    for (const { rule, order, match } of own) {
      const met = match(path, dotted);
      if (met === undefined) continue;
      if (rule.action !== 'keep') {
        const dataClass = rule.class ?? builtIn.class;
        return { ...builtIn, action: rule.action, class: dataClass, order, own: true };
      }
      if (mode === 'allow') {
        return allowedBy(builtIn, met === 'exact' && namesOne(rule) ? 'exact' : 'below', order);
      }
      // Keeping a value is a decision about that value, not about everything below its name.
      if (met === 'exact') return { ...builtIn, action: 'keep', order, own: true };
    }
    return undefined;
  }

  function decide(dotted: string): Decision {
    const textKind = textKindOf(dotted, urlQueryAllow);
    if (dotted.length > MAX_PATH) return { ...decidedBy(NO_DEFAULT, 0, textKind), action: 'mask' };
    const builtIn = decideByDefault(dotted, textKind);
    const decided = own.length === 0 ? undefined : decideByOwn(dotted, builtIn);
    if (decided !== undefined) return decided;
    if (mode === 'deny') return builtIn;
    return { ...builtIn, action: 'drop', order: NO_RULE, ifAllowed: builtIn };
  }

  return (path) => {
    try {
      return decide(path);
    } catch {
      return FAILED;
    }
  };
}

function decidedBy(rule: DefaultRule, order: number, textKind: TextKind): Decision {
  return {
    action: rule.action,
    class: rule.class,
    order,
    own: false,
    stringsOnly: rule.stringsOnly === true,
    textKind,
    ifAllowed: undefined,
  };
}

/** Whether a rule names one attribute and not a family of them. */
function namesOne({ match }: RedactRule): boolean {
  return typeof match === 'string' && !match.includes('*');
}

/** In allow mode naming a value lets it travel, but never a secret, and never unscanned. */
function allowedBy(builtIn: Decision, met: 'exact' | 'below', order: number): Decision {
  if (builtIn.action === 'mask' || builtIn.action === 'drop') return builtIn;
  if (met === 'below' && builtIn.action === 'hash') return builtIn;
  return { ...builtIn, action: 'scan', order, own: true };
}

/** The decision about a value inside a container, of which something was decided as well. */
export function inherit(inner: Decision, container: Decision | undefined): Decision {
  if (container === undefined || container.order === NO_RULE || container.action === 'keep') {
    return inner;
  }
  if (container.action !== 'scan') return inner.order <= container.order ? inner : container;
  if (!container.own || inner.ifAllowed === undefined) return inner;
  return allowedBy(inner.ifAllowed, 'below', container.order);
}

interface CompiledDefault {
  readonly rule: DefaultRule;
  readonly order: number;
  readonly matches: (path: NamePath) => boolean;
}

const DEFAULTS = DEFAULT_RULES.map((rule) => ({ rule, names: compileNames(rule.names) }));

/** All built-in rules at once: most names fall under none. */
const ANY_DEFAULT = compileNames(DEFAULT_RULES.flatMap(({ names }) => names));

function compileDefaults(offset: number): readonly CompiledDefault[] {
  return DEFAULTS.map(({ rule, names }, index) => {
    const { except } = rule;
    const matchesOne = (spelling: string): boolean => {
      const met = names.exec(spelling);
      // What is harmless as a value is not harmless with more below it.
      return (
        met !== null && (rule.action !== 'scan' || met.index + met[0].length === spelling.length)
      );
    };
    return {
      rule,
      order: offset + index,
      matches({ words, lower }) {
        if (except?.has(words.at(-1) ?? '') === true) return false;
        return matchesOne(words.join('.')) || matchesOne(lower.join('.'));
      },
    };
  });
}

/** A path that is spelled in words already, as most are. */
const IN_WORDS = /^[a-z0-9_.]*$/;

function meetsDefault(dotted: string): boolean {
  if (IN_WORDS.test(dotted)) return ANY_DEFAULT.test(dotted);
  const { words, lower } = namePath(dotted);
  return ANY_DEFAULT.test(words.join('.')) || ANY_DEFAULT.test(lower.join('.'));
}

function compileOwn({ match }: RedactRule): (path: NamePath, dotted: string) => Match {
  if (typeof match === 'string') return compilePattern(match);
  return (_path, dotted) => (match.test(dotted) ? 'exact' : undefined);
}

/** How a pattern meets a path: at the path itself, or at a name above it. */
type Match = 'exact' | 'below' | undefined;

/**
 * Compiles the pattern of a rule.
 *
 * A pattern without a dot is a name and matches at every depth. A pattern that ends in a name also
 * matches what lies below that name, so that flat `password.old` fares like nested
 * `password → old`; one that ends in `*` means exactly that depth.
 */
function compilePattern(pattern: string): (path: NamePath) => Match {
  const globs = pattern.includes('.') ? pattern.split('.') : ['**', pattern];
  const lower = globs.map((glob) => segmentTest(glob.toLowerCase()));
  const words = globs.map((glob) => segmentTest(wordsOf(glob)));
  const matches = (path: NamePath, more: readonly SegmentTest[]): boolean =>
    matchSegments([...lower, ...more], path.lower) ||
    matchSegments([...words, ...more], path.words);
  const last = globs.at(-1);
  const namesBelow = last !== '*' && last !== '**';
  return (path) => {
    if (matches(path, [])) return 'exact';
    return namesBelow && matches(path, ['**']) ? 'below' : undefined;
  };
}

/** A dotted path of attribute names, cut into segments, in the two spellings rules compare with. */
interface NamePath {
  /** The segments in lower case: `accesstoken`, `x-api-key`. */
  readonly lower: readonly string[];
  /** The segments as words: `access_token`, `x_api_key`. */
  readonly words: readonly string[];
}

function namePath(path: string): NamePath {
  const segments = path.split('.');
  return {
    lower: segments.map((segment) => segment.toLowerCase()),
    words: segments.map(wordsOf),
  };
}

/** Matches in steps bounded by pattern length × path length: only the last `**` is ever retried. */
function matchSegments(tests: readonly SegmentTest[], segments: readonly string[]): boolean {
  let test = 0;
  let segment = 0;
  let retryTest = -1;
  let retrySegment = 0;
  while (segment < segments.length) {
    const current = tests[test];
    if (current === '**') {
      retryTest = test;
      retrySegment = segment;
      test += 1;
    } else if (current?.(segments[segment] ?? '') === true) {
      test += 1;
      segment += 1;
    } else if (retryTest >= 0) {
      retrySegment += 1;
      segment = retrySegment;
      test = retryTest + 1;
    } else return false;
  }
  return tests.slice(test).every((rest) => rest === '**');
}

type SegmentTest = '**' | ((segment: string) => boolean);

function segmentTest(glob: string): SegmentTest {
  if (glob === '**') return '**';
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (segment) => segment === glob;
  return (segment) => {
    if (!segment.startsWith(head)) return false;
    let at = head.length;
    for (const part of rest) {
      const found = segment.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return segment.length - tail.length >= at && segment.endsWith(tail);
  };
}

/**
 * What kind of text a value is, which decides how it is scanned.
 *
 * - `name`: short, technical; scanned for secrets and e-mail addresses.
 * - `text`: written by or about people; scanned for everything.
 * - `hidden`: a parameter of a query that is not on the list of those that may stay.
 * - `url`, `query`, `sql`, `command`, `stack`: text with a structure of its own; `command` is what a
 *   key-value store is told, which stands where SQL does.
 */
export type TextKind = 'name' | 'text' | 'url' | 'query' | 'hidden' | 'sql' | 'command' | 'stack';

const BY_PATH: ReadonlyMap<string, TextKind> = new Map(
  Object.entries<TextKind>({
    'url.query': 'query',
    'url.fragment': 'query',
    'http.url': 'url',
    'http.target': 'url',
    'db.query.text': 'sql',
    'db.statement': 'sql',
    'exception.stacktrace': 'stack',
    'exception.message': 'text',
  }),
);

const BY_NAME: ReadonlyMap<string, TextKind> = new Map(
  Object.entries<TextKind>({
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
  }),
);

/** Where loggers of web frameworks put the parameters of a request, one by one. */
const PARAMETER =
  /(?:^|\.)(?:req|request|event|ctx)\.(query|params|query_params|query_string|queryparams|querystring|querystringparameters|query_string_parameters)\.[^.]+$/;

/** The kind of text under a dotted path, by what the semantic conventions put there. */
function textKindOf(path: string, urlQueryAllow: ReadonlySet<string>): TextKind {
  const at = path.lastIndexOf('.');
  const last = path.slice(at + 1);
  if (at !== -1) {
    const lower = path.toLowerCase();
    const second = lower.lastIndexOf('.', at - 1);
    const third = second === -1 ? -1 : lower.lastIndexOf('.', second - 1);
    const known = BY_PATH.get(lower.slice(second + 1)) ?? BY_PATH.get(lower.slice(third + 1));
    if (known !== undefined) return known;
    if (lower.slice(second + 1, at) === 'url') return 'url';
    const parameters = PARAMETER.exec(lower)?.[1];
    if (parameters === 'params') return 'text';
    if (parameters !== undefined) return urlQueryAllow.has(last.toLowerCase()) ? 'text' : 'hidden';
  }
  return BY_NAME.get(wordsOf(last)) ?? 'name';
}
