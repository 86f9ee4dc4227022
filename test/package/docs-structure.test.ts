import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/run-script.ts';
import type { Doc } from './docs.ts';
import { DOCS, README, codesIn } from './docs.ts';
import type { InstalledPackage } from './installed-package.ts';
import { installPackage } from './installed-package.ts';

const withoutCode = ({ text }: Doc): string => text.replaceAll(/^```[^]*?^```$/gm, '');

/** Where the links of a page lead to, but for those to other sites: path and fragment. */
function linksOf(doc: Doc): readonly { readonly path: string; readonly fragment: string }[] {
  return [...withoutCode(doc).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].map(
    ([, path = '', fragment = '']) => ({ path, fragment }),
  );
}

/** The fragments of a page's headings, as GitHub and the registry make them. */
function fragmentsOf(doc: Doc): readonly string[] {
  return [...withoutCode(doc).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const EXAMPLES = readdirSync(join(REPOSITORY, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('the README', () => {
  let installed: InstalledPackage;

  beforeAll(async () => {
    installed = await installPackage();
  });

  afterAll(() => {
    installed.remove();
  });

  it('can be read to its end', () => {
    expect(README.text.split('\n').length).toBeLessThanOrEqual(400);
  });

  it('links to nothing that the package does not bring', () => {
    const paths = linksOf(README).map(({ path }) => path);
    expect(paths.filter((path) => path !== '' && !installed.files.includes(path))).toEqual([]);
  });

  it('names every section in its table of contents, and none that is not there', () => {
    const sections = [...README.text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    const contents = [...README.text.matchAll(/\[([^\]]+)\]\(#/g)].map(([, title]) => title);
    expect(new Set(contents)).toEqual(new Set(sections));
    expect(contents).toHaveLength(sections.length);
  });

  it('names every example', () => {
    const [, section = ''] = README.text.split('## Examples\n');
    expect(codesIn(section.split('\n## ')[0] ?? '')).toEqual(expect.arrayContaining(EXAMPLES));
  });
});

describe('the pages of the documentation', () => {
  it('link to files and headings that are there', () => {
    const broken = DOCS.flatMap((doc) =>
      linksOf(doc)
        .filter(({ path, fragment }) => {
          const target = path === '' ? doc.path : normalize(join(dirname(doc.path), path));
          const page = DOCS.find((other) => other.path === target);
          return page === undefined
            ? !existsSync(join(REPOSITORY, target))
            : fragment !== '' && !fragmentsOf(page).includes(fragment);
        })
        .map(({ path, fragment }) => `${doc.path}: ${path}#${fragment}`),
    );
    expect(broken).toEqual([]);
  });

  it('name files of the repository that are there', () => {
    const named = DOCS.flatMap((doc) => codesIn(withoutCode(doc))).filter((code) =>
      /^(?:examples|\.github|test|src|\.config)\/[\w./-]+$/.test(code),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('name functions that are in the files they name', () => {
    const named = DOCS.flatMap((doc) =>
      [...doc.text.matchAll(/^\d+\. ((?:`\w+`(?:, | and )?)+) in `(src\/[\w./-]+)`/gm)].flatMap(
        ([, names = '', path = '']) => codesIn(names).map((name) => ({ name, path })),
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    for (const { name, path } of named) {
      const source = readFileSync(join(REPOSITORY, path), 'utf8');
      expect(source, `${name} in ${path}`).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it('say nothing twice', () => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const doc of DOCS) {
      const sentences = withoutCode(doc)
        .split(/(?<=[.:;|])\s|\n/)
        .map((sentence) => sentence.replace(/^[-#|*\s]+/, '').trim())
        .filter((sentence) => sentence.replaceAll(/`[^`]*`/g, '').length >= 40);
      for (const sentence of new Set(sentences)) {
        const other = seen.get(sentence);
        if (other !== undefined) twice.push(`${other} and ${doc.path}: ${sentence}`);
        seen.set(sentence, doc.path);
      }
    }
    expect(twice).toEqual([]);
  });
});

describe.each(EXAMPLES)('the page of the example %s', (example) => {
  const doc = DOCS.find(({ path }) => path === `examples/${example}/README.md`);

  it('tells what it shows, how to run it, the code that matters and what to change', () => {
    const [title, what] = doc?.text.split('\n').filter((line) => line !== '') ?? [];
    expect(title).toMatch(/^# \S/);
    expect(what).toMatch(/^[^#|].*\.$/);
    const headings = [...(doc?.text ?? '').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(
      expect.arrayContaining(['Run it', 'The code that matters', 'What to change']),
    );
  });
});
