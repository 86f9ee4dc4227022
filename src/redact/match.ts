import { type NamePath, wordsOf } from './name-path.ts';

/** How a pattern meets a path: at the path itself, or at a name above it. */
export type Match = 'exact' | 'below' | undefined;

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

/**
 * Compiles the pattern of a rule.
 *
 * A pattern without a dot is a name and matches at every depth. A pattern that ends in a name also
 * matches what lies below that name, so that flat `password.old` fares like nested
 * `password → old`; one that ends in `*` means exactly that depth.
 */
export function compilePattern(pattern: string): (path: NamePath) => Match {
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
