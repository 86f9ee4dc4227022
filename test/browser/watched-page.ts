/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type Browser, type Page, chromium } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type * as emulatorModule from '../../src/emulator/index.ts';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import { GENESIS_HASH, type LedgerEntry, sealEntry } from '../../src/emulator/ledger.ts';
import { HEADERS, META, sampleEvent } from '../unit/emulator/sample-requests.ts';
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
  const answer = await fetch(`${emulator.url}/v1/events`, {
    method: 'POST',
    headers: { ...HEADERS, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ payload: JSON.stringify(payload), meta: { ...META, ...meta } }),
  });
  expect(answer.status).toBe(202);
}

/** A chain of events `event.1`, `event.2`, … */
export function sealedChain(length: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  let previousHash = GENESIS_HASH;
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const event = sampleEvent({
      idempotencyKey: `key-${sequence}`,
      meta: { ...META, event_name: `event.${sequence}`, service: `service-${sequence % 3}` },
      payload: JSON.stringify({ n: sequence, attributes: { 'user.email_hash': previousHash } }),
    });
    const receivedAt = new Date(Date.UTC(2026, 10, 25) + sequence).toISOString();
    const entry = sealEntry({ ...event, sequence, receivedAt, previousHash });
    entries.push(entry);
    previousHash = entry.hash;
  }
  return entries;
}

/** A directory with a ledger of these entries, whatever they are, that ends with the test. */
export function ledgerDirectory(entries: readonly LedgerEntry[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'viewer-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
  writeFileSync(join(directory, 'ledger.jsonl'), lines.join(''));
  return directory;
}
