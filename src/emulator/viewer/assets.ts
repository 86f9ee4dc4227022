import { readFileSync } from 'node:fs';
import { ICON } from './icon.ts';
import { page } from './page.ts';
import { STYLESHEET } from './stylesheet.ts';
import { DETAIL_STYLES } from './stylesheet-detail.ts';

/** One file of the page. */
export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

const SCRIPT_PATH = /^\/viewer\/([a-z]+(?:-[a-z]+)*)\.js$/;

/** The file at a path without query; `undefined` where there is none. */
export function findAsset(path: string): Asset | undefined {
  if (path === '/') return { contentType: 'text/html; charset=utf-8', text: page() };
  if (path === '/viewer/style.css') {
    return { contentType: 'text/css; charset=utf-8', text: STYLESHEET + DETAIL_STYLES };
  }
  if (path === '/viewer/icon.svg') return { contentType: 'image/svg+xml', text: ICON };
  const name = SCRIPT_PATH.exec(path)?.[1];
  const text = name === undefined ? undefined : readScript(name);
  return text === undefined ? undefined : { contentType: 'text/javascript; charset=utf-8', text };
}

/** Only compiled code has scripts for the browser; the name cannot leave the folder. */
function readScript(name: string): string | undefined {
  try {
    return readFileSync(new URL(`./browser/${name}.js`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
