/** Offset behind the line that `from` is in, the line break left out. */
function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== '\n' && text.charAt(at) !== '\r') at += 1;
  return at;
}

/** Offset behind a block comment; comments may nest, and an open one reaches to the end. */
function blockEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else {
      at += 1;
    }
  }
  return text.length;
}

/** Offset behind the comment at `start`, or `undefined` when none begins there. */
export function sqlCommentEnd(text: string, start: number): number | undefined {
  if (text.startsWith('--', start)) return lineEnd(text, start);
  if (text.startsWith('/*', start)) return blockEnd(text, start);
  const isHash = text.charAt(start) === '#' && /[\s!]|^$/u.test(text.charAt(start + 1));
  return isHash ? lineEnd(text, start) : undefined;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_]\w{0,62})?\$/uy;

/**
 * Offset behind a dollar-quoted string (`$$…$$`, `$tag$…$tag$`, PostgreSQL) at `start`, or
 * `undefined` when none begins there; an open one reaches to the end.
 */
export function dollarStringEnd(text: string, start: number): number | undefined {
  DOLLAR_TAG.lastIndex = start;
  const tag = DOLLAR_TAG.exec(text)?.[0];
  if (tag === undefined) return undefined;
  const closing = text.indexOf(tag, start + tag.length);
  return closing === -1 ? text.length : closing + tag.length;
}
