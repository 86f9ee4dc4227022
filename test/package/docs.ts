import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../support/run-script.ts';

/** A page of the documentation. */
export interface Doc {
  /** From the folder of the repository on, such as `examples/spool/README.md`. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  readonly doc: Doc;
  readonly language: string;
  readonly text: string;
  /** The nearest heading above it, such as `Options`. */
  readonly heading: string;
  /** Line of its first line of text, from 1. */
  readonly line: number;
}

const pagesIn = (folder: string, isPage: (name: string) => boolean): readonly string[] =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter(isPage)
    .map((name) => `${folder}/${name}`)
    .sort();

/** Every page that a reader is sent to. */
export const DOCS: readonly Doc[] = [
  'README.md',
  ...pagesIn('.github', (name) => name.endsWith('.md')),
  ...pagesIn('examples', (name) => name.endsWith('README.md')),
].map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), 'utf8') }));

/** The page at a path. */
export function docAt(path: string): Doc {
  const doc = DOCS.find((one) => one.path === path);
  if (doc === undefined) throw new Error(`there is no page ${path}`);
  return doc;
}

/** The page that the registry shows, too. */
export const README: Doc = docAt('README.md');

/** All fenced blocks of a page, in order. */
function blocksOf(doc: Doc): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open:
    | { readonly language: string; readonly line: number; readonly lines: string[] }
    | undefined;
  for (const [index, line] of doc.text.split('\n').entries()) {
    if (line.startsWith('```')) {
      if (open === undefined) {
        open = { language: line.slice(3).trim(), line: index + 2, lines: [] };
      } else {
        const { language, lines } = open;
        blocks.push({ doc, language, heading, line: open.line, text: `${lines.join('\n')}\n` });
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

/** The blocks of all pages. */
export const BLOCKS: readonly Block[] = DOCS.flatMap(blocksOf);

/** The blocks of a language under a heading of a page. */
export function blocksUnder(
  path: string,
  heading: string,
  ...languages: readonly string[]
): readonly string[] {
  return BLOCKS.filter(
    (block) =>
      block.doc.path === path && block.heading === heading && languages.includes(block.language),
  ).map(({ text }) => text);
}

/** Whether a block of an example's page stands word for word in one of the example's files. */
export function isExcerpt({ doc, text }: Block): boolean {
  if (!/^examples\/.+\//.test(doc.path)) return false;
  const folder = join(REPOSITORY, dirname(doc.path));
  return readdirSync(folder)
    .filter((name) => /\.(?:js|sh)$/.test(name))
    .some((name) => readFileSync(join(folder, name), 'utf8').includes(text.trimEnd()));
}

/** The rows of the tables under a heading, as their cells; without head and rule. */
export function tableRows(path: string, heading: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let inside = false;
  for (const line of docAt(path).text.split('\n')) {
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
