/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Browser, type Page, chromium } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type * as emulatorModule from '../../src/emulator/index.ts';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import type { LedgerEntry } from '../../src/emulator/ledger.ts';
import {
  META,
  headersWith,
  post,
  sampleBody,
  sampleEvent,
  sealedChain,
} from '../support/sample-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.js';

/** Whether the tests are skipped for want of a browser; with CI=true they fail instead. */
export const isWithoutBrowser: boolean = !existsSync(CHROMIUM) && process.env['CI'] !== 'true';

/** Starts the browser. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
}

/** Starts a built emulator, the only one with compiled scripts for the page. */
export async function builtEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const built = new URL('../../dist/emulator/index.js', import.meta.url).href;
  const { createEmulator } = (await import(built)) as typeof emulatorModule;
  const emulator = await createEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Opens the page; the test fails when it does what it must not: errors, CSP, other origins. */
export async function openPage(
  browser: Browser,
  url: string,
  look: { readonly colorScheme?: 'light' | 'dark'; readonly mayLose?: boolean } = {},
): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 720 },
    colorScheme: look.colorScheme ?? 'light',
  });
  // How long anything may take is for the test to say.
  page.setDefaultTimeout(0);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const isLoss = look.mayLose === true && message.text().includes('net::ERR_');
    if (message.type() === 'error' && !isLoss) faults.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (sent) => {
    if (new URL(sent.url()).origin !== url) faults.push(`request: ${sent.url()}`);
  });
  onTestFinished(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** Sends one event as a client does. */
export async function sendEvent(
  emulator: Emulator,
  meta: Readonly<Record<string, string>>,
  payload: unknown = {},
): Promise<void> {
  const answer = await post(emulator.url, {
    headers: headersWith({ 'idempotency-key': crypto.randomUUID() }),
    body: sampleBody({ payload: JSON.stringify(payload), meta: { ...META, ...meta } }),
  });
  expect(answer.status).toBe(202);
}

/** A chain of events `event.1`, `event.2`, … */
export function chainOf(length: number): LedgerEntry[] {
  const events = Array.from({ length }, (_, index) =>
    sampleEvent({
      idempotencyKey: `key-${index + 1}`,
      meta: { ...META, event_name: `event.${index + 1}`, service: `service-${(index + 1) % 3}` },
      payload: JSON.stringify({ n: index + 1, attributes: { 'user.email_hash': DIGEST } }),
    }),
  );
  return sealedChain(events);
}

const DIGEST = 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514';

/** A directory with a ledger of these entries, whatever they are, that ends with the test. */
export function ledgerDirectory(entries: readonly LedgerEntry[]): string {
  const directory = temporaryFolder();
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
  writeFileSync(join(directory, 'ledger.jsonl'), lines.join(''));
  return directory;
}
