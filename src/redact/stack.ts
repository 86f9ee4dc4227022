/** One stretch of a stack trace. */
export interface StackPart {
  readonly kind: 'message' | 'frames';
  readonly text: string;
}

const PLACE = /(?::\d+:\d+|\(<anonymous>|\(native|\(index \d+)\)?$/;

/** `at fn (file:1:2)`, `at file:1:2`, `at async Promise.all (index 0)`: ends in a place in code. */
function isFrame(line: string): boolean {
  const text = line.trim();
  return text.startsWith('at ') && PLACE.test(text.slice(-24));
}

/**
 * Cuts a stack trace into messages, which people write and which hold anything, and frames, which
 * name places in code. A line that is not certainly a frame belongs to a message, as do causes in
 * the middle of the trace.
 */
export function splitStack(text: string): readonly StackPart[] {
  const parts: StackPart[] = [];
  let start = 0;
  let kind: StackPart['kind'] = 'message';
  for (let at = 0; at < text.length;) {
    let end = text.indexOf('\n', at);
    end = end < 0 ? text.length : end + 1;
    const lineKind = isFrame(text.slice(at, end)) ? 'frames' : 'message';
    if (lineKind !== kind) {
      if (at > start) parts.push({ kind, text: text.slice(start, at) });
      start = at;
      kind = lineKind;
    }
    at = end;
  }
  if (start < text.length) parts.push({ kind, text: text.slice(start) });
  return parts;
}

/** The name at the head of a message, as in `TypeError: …`; a type, not data. */
function errorName(message: string): string {
  const match = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?:\s\[[A-Z_]{1,64}\])?(?::|\s*$)/.exec(
    message.slice(0, 256),
  );
  return match?.[1] ?? 'Error';
}

/** A stack trace without its messages: the type of the error, then the frames. */
export function framesOnly(parts: readonly StackPart[]): string {
  const [first] = parts;
  const frames = parts.filter(({ kind }) => kind === 'frames').map(({ text }) => text);
  if (first?.kind !== 'message') return frames.join('');
  const joined = frames.join('');
  return joined === '' ? errorName(first.text) : `${errorName(first.text)}\n${joined}`;
}
