import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/run-script.ts';

/** A fenced block of the README. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The headings above it, such as `Options`; the nearest one. */
  readonly heading: string;
  /** Line of its first line of text, from 1. */
  readonly line: number;
}

/** The text of the README. */
export const README: string = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');

/** All fenced blocks, in order. */
export function readmeBlocks(): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open:
    | { readonly language: string; readonly line: number; readonly lines: string[] }
    | undefined;
  for (const [index, line] of README.split('\n').entries()) {
    if (line.startsWith('```')) {
      if (open === undefined) {
        open = { language: line.slice(3).trim(), line: index + 2, lines: [] };
      } else {
        const { language, lines } = open;
        blocks.push({ language, heading, line: open.line, text: `${lines.join('\n')}\n` });
        open = undefined;
      }
    } else if (open !== undefined) {
      open.lines.push(line);
    } else if (line.startsWith('#')) {
      heading = line.replace(/^#+ /, '');
    }
  }
  return blocks;
}

/** The blocks of a language under a heading. */
export function blocksUnder(heading: string, language: string): readonly string[] {
  return readmeBlocks()
    .filter((block) => block.heading === heading && block.language === language)
    .map(({ text }) => text);
}

/** The rows of the tables under a heading, as their cells; without head and rule. */
export function tableRows(heading: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let inside = false;
  for (const line of README.split('\n')) {
    if (line.startsWith('#')) inside = line.replace(/^#+ /, '') === heading;
    else if (inside && line.startsWith('| ')) {
      rows.push(
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    }
  }
  return rows.filter(([first = ''], index) => index > 0 && !/^-+$/.test(first));
}

/** What stands between back-ticks in a text. */
export function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
