import { createHash } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/emulator/ledger.ts';
import {
  builtEmulator,
  chainOf,
  isWithoutBrowser,
  ledgerDirectory,
  openPage,
  sendEvent,
  startBrowser,
} from './watched-page.ts';

let browser: Browser;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

beforeAll(async () => {
  if (isWithoutBrowser) console.warn('No /usr/bin/chromium: the viewer page is not tested.');
  else browser = await startBrowser();
});

afterAll(async () => {
  if (!isWithoutBrowser) await browser.close();
});

const rows = (page: Page): Locator => page.locator('.rows .row:visible');
const names = (page: Page): Promise<string[]> =>
  page.locator('.row:visible .name').allTextContents();
const verified = (page: Page): Promise<void> => page.locator('#chain[data-state="ok"]').waitFor();

describe.skipIf(isWithoutBrowser)('the viewer page in a browser', () => {
  it('shows events live, newest first, with the columns of the design', async () => {
    const emulator = await builtEmulator();
    await sendEvent(emulator, { event_name: 'before.opened' });
    const page = await openPage(browser, emulator.url);
    await expect.poll(() => names(page)).toEqual(['before.opened']);
    await sendEvent(emulator, {
      event_name: 'while.open',
      type: 'error',
      service: 'billing',
      env: 'staging',
      trace_id: '5b8efff798038103d269b633813fc60c',
    });
    await expect.poll(() => names(page)).toEqual(['while.open', 'before.opened']);
    const cells = await rows(page).first().locator('span').allTextContents();
    expect(cells[0]).toMatch(/^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    expect(cells.slice(1)).toEqual(['error', 'while.open', 'billing', 'staging', '5b8efff7', '']);
    await verified(page);
    expect(await page.locator('#chain-text').textContent()).toBe('✓ Chain verified, 2 events');
    expect(await page.locator('#live').textContent()).toBe('Live');
  });

  it('filters by text, type, service, trace and warnings', async () => {
    const emulator = await builtEmulator();
    await sendEvent(
      emulator,
      { event_name: 'a', type: 'error', trace_id: 'ff01' },
      { x: 'Needle' },
    );
    await sendEvent(emulator, { event_name: 'b', service: 'mail' }, { to: 'ana@example.com' });
    const page = await openPage(browser, emulator.url);
    await expect.poll(() => names(page)).toEqual(['b', 'a']);
    await page.getByLabel('Text').fill('needle');
    await expect.poll(() => names(page)).toEqual(['a']);
    expect(await page.locator('#count').textContent()).toBe('1 of 2 events');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => names(page)).toEqual(['b', 'a']);
    await page.getByLabel('Type').selectOption('error');
    await expect.poll(() => names(page)).toEqual(['a']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Service').selectOption('mail');
    await expect.poll(() => names(page)).toEqual(['b']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Trace').fill('ff');
    await expect.poll(() => names(page)).toEqual(['a']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Only with warnings').check();
    await expect.poll(() => names(page)).toEqual(['b']);
    await page.getByLabel('Text').fill('nowhere');
    await expect.poll(() => page.locator('#empty').textContent()).toMatch(/^No event passes/);
  });

  it('finds what stands as the digest of the text, and says that it searched for it', async () => {
    const emulator = await builtEmulator();
    const hex = sha256('ana@example.com');
    const written = sha256('Ana@Example.com');
    await sendEvent(emulator, { event_name: 'attribute' }, { 'user.email_hash': hex });
    await sendEvent(emulator, { event_name: 'as.written' }, { 'user.email_hash': written });
    await sendEvent(
      emulator,
      { event_name: 'in.text' },
      { note: `to [email sha256:${hex.slice(0, 32)}]` },
    );
    await sendEvent(emulator, { event_name: 'other' }, { 'user.email_hash': sha256('bia') });
    const page = await openPage(browser, emulator.url);
    await expect.poll(() => names(page)).toHaveLength(4);
    const note = page.locator('#digest-note');
    expect(await note.isVisible()).toBe(false);
    await page.getByLabel('Text').fill('Ana@Example.com');
    await expect.poll(() => names(page)).toEqual(['in.text', 'as.written', 'attribute']);
    expect(await note.textContent()).toBe('Its SHA-256 digest is searched for, too');
    await page.getByLabel('Text').fill(' ana@example.com ');
    await expect.poll(() => names(page)).toEqual(['in.text', 'attribute']);
    await sendEvent(emulator, { event_name: 'while.open' }, { 'user.email_hash': hex });
    await expect.poll(() => names(page)).toEqual(['while.open', 'in.text', 'attribute']);
    await page.getByLabel('Text').fill('other');
    await expect.poll(() => names(page)).toEqual(['other']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => names(page)).toHaveLength(5);
    expect(await note.isVisible()).toBe(false);
  });

  it('shows one event in full: hashed, masked and raw values apart', async () => {
    const hex = 'ab'.repeat(32);
    const emulator = await builtEmulator();
    await sendEvent(
      emulator,
      { event_name: 'user.created', trace_id: 'aa01' },
      {
        'user.email_hash': hex,
        note: `CPF [cpf], [email sha256:${hex.slice(0, 32)}]`,
        ip: '203.0.113.7',
      },
    );
    await sendEvent(emulator, { event_name: 'other' });
    const page = await openPage(browser, emulator.url);
    await rows(page).nth(1).click();
    const detail = page.getByRole('region', { name: 'Selected event' });
    expect(await detail.getByRole('heading', { level: 2 }).textContent()).toBe('user.created');
    expect(await detail.locator('mark.hash').allTextContents()).toEqual([
      hex,
      `[email sha256:${hex.slice(0, 32)}]`,
    ]);
    expect(await detail.locator('mark.mask').allTextContents()).toEqual(['[cpf]']);
    expect(await detail.locator('mark.raw').allTextContents()).toEqual(['203.0.113.7']);
    expect(await detail.locator('.warnings').textContent()).toContain('IP address in ip');
    expect(await rows(page).nth(1).locator('.notes').textContent()).toBe('⚠ 1');
    await expect.poll(() => detail.locator('.standing').textContent()).toMatch(/^✓ Verified/);
    await detail.getByRole('button', { name: 'Only this trace' }).click();
    await expect.poll(() => names(page)).toEqual(['user.created']);
  });

  it('shows tampering at the right event, and nothing after it as verified', async () => {
    const chain = chainOf(400);
    const [victim] = chain.slice(122) as [LedgerEntry];
    chain[122] = { ...victim, payload: victim.payload.replace('123', '999') };
    const emulator = await builtEmulator({ directory: ledgerDirectory(chain) });
    const page = await openPage(browser, emulator.url);
    await page.locator('#chain[data-state="broken"]').waitFor();
    expect(await page.locator('#chain-text').textContent()).toContain('broken at event 123:');
    await page.getByLabel('Text').fill('event.400');
    await page.getByRole('button', { name: 'Show the event' }).click();
    const row = page.locator('.row[aria-selected="true"]');
    await expect.poll(() => row.locator('.name').textContent()).toBe('event.123');
    expect(await row.locator('.notes').textContent()).toBe('✗ tampered');
    expect(await page.locator('#standing').textContent()).toMatch(
      /^✗ Tampered with: its payloadHash/,
    );
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.locator('#standing').textContent()).toMatch(/^Not proven/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('#standing').textContent()).toMatch(/^✓ Verified/);
  });

  it('stays quick with 10,000 events', { timeout: 60_000 }, async () => {
    const emulator = await builtEmulator({ directory: ledgerDirectory(chainOf(10_000)) });
    const started = performance.now();
    const page = await openPage(browser, emulator.url);
    await page.locator('#count', { hasText: '10,000 events' }).waitFor();
    await verified(page);
    const verifiedMs = performance.now() - started;
    expect(await rows(page).count()).toBeLessThan(60);
    expect(await page.locator('#events').getAttribute('aria-rowcount')).toBe('10001');
    await page.locator('#events').focus();
    await page.keyboard.press('End');
    await expect.poll(() => names(page)).toContain('event.1');
    const typed = performance.now();
    await page.getByLabel('Text').fill('event.9999');
    await expect.poll(() => names(page), { interval: 10 }).toEqual(['event.9999']);
    const filteredMs = performance.now() - typed;
    await page.getByLabel('Text').fill('');
    await page.locator('#count', { hasText: /^10,000 events$/ }).waitFor();
    await page.locator('#events').evaluate((grid) => {
      grid.scrollTop = 5_000 * 34;
    });
    await expect.poll(() => names(page)).toContain('event.5000');
    const top = async (): Promise<number | undefined> =>
      (await page.locator('.row:visible', { hasText: 'event.4990' }).boundingBox())?.y;
    const before = await top();
    await sendEvent(emulator, { event_name: 'one.more' });
    await page.locator('#count', { hasText: '10,001 events' }).waitFor();
    expect(await top()).toBe(before);
    // Reading every event once takes much longer than looking through what was read.
    expect(filteredMs).toBeLessThan(verifiedMs / 2);
  });

  it('can be used by keyboard alone', async () => {
    const emulator = await builtEmulator({ directory: ledgerDirectory(chainOf(100)) });
    const page = await openPage(browser, emulator.url);
    await verified(page);
    const active = (): Promise<string | null> =>
      page.locator('.row[aria-selected="true"] .name').textContent();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.id');
    await page.keyboard.press('/');
    expect(await focused()).toBe('filter-text');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('events');
    await page.keyboard.press('ArrowDown');
    await expect.poll(active).toBe('event.100');
    await page.keyboard.press('ArrowDown');
    await expect.poll(active).toBe('event.99');
    const named = (await page.locator('#events').getAttribute('aria-activedescendant')) ?? '';
    expect(await page.locator(`#${named} .name`).textContent()).toBe('event.99');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('End');
    await expect.poll(active).toBe('event.1');
    expect(await page.locator('.row[aria-selected="true"]').isVisible()).toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(active).toBe('event.100');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('detail');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('events');
  });

  it('runs no script of an event, whatever its name, values and services', async () => {
    const emulator = await builtEmulator();
    const hostile = [
      '<img src=x onerror="window.pwned=1">',
      '</script><script>window.pwned=1</script>',
      '"><svg onload=window.pwned=1>',
      'javascript:window.pwned=1',
      '\u202egnp.exe\u0000',
    ];
    for (const text of hostile) {
      await sendEvent(
        emulator,
        { event_name: text, service: text, env: text, trace_id: text, [text]: text },
        { [text]: { [text]: [text] } },
      );
    }
    const page = await openPage(browser, emulator.url);
    await expect.poll(() => rows(page).count()).toBe(hostile.length);
    for (let row = 0; row < hostile.length; row += 1) {
      await rows(page).nth(row).click();
      await page.locator('.facts button').click();
      await page.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(() => rows(page).count()).toBe(hostile.length);
    }
    await verified(page);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('img, svg, script:not([src]), body script').count()).toBe(0);
    expect(await names(page)).toContain('<img src=x onerror="window.pwned=1">');
    expect(await names(page)).toContain('\\u202egnp.exe\\u0000');
  });

  it('comes back by itself after a restart, with what it missed and without what is gone', async () => {
    const directory = ledgerDirectory(chainOf(3));
    const first = await builtEmulator({ directory });
    const port = Number(new URL(first.url).port);
    const page = await openPage(browser, first.url, { mayLose: true });
    await expect.poll(() => names(page)).toHaveLength(3);
    await first.close();
    await expect.poll(() => page.locator('#live').getAttribute('data-state')).toBe('lost');
    const second = await builtEmulator({ directory, port });
    await sendEvent(second, { event_name: 'missed' });
    const answer = { timeout: 15_000 };
    await expect
      .poll(() => names(page), answer)
      .toEqual(['missed', 'event.3', 'event.2', 'event.1']);
    await verified(page);
    await second.close();
    const third = await builtEmulator({ port });
    await sendEvent(third, { event_name: 'new.ledger' });
    await expect.poll(() => names(page), answer).toEqual(['new.ledger']);
    await verified(page);
  });

  it.each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    const emulator = await builtEmulator();
    await sendEvent(
      emulator,
      { event_name: 'a' },
      { to: 'ana@example.com', a_hash: 'ab'.repeat(32) },
    );
    const page = await openPage(browser, emulator.url, { colorScheme });
    await rows(page).first().click();
    await verified(page);
    const light = await page.evaluate<number>(LIGHTNESS_OF_BODY);
    expect(light > 128).toBe(colorScheme === 'light');
    const contrasts = await page.evaluate<[string, number][]>(CONTRASTS);
    expect(contrasts.length).toBeGreaterThan(20);
    expect(contrasts.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
  });
});

const LIGHTNESS_OF_BODY = `Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])`;

/** WCAG contrast of every element that holds text of its own, against what lies behind it. */
const CONTRASTS = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.data.trim() !== ''))
    .map((element) => {
      const pair = [getComputedStyle(element).color, behind(element)].map(luminance);
      const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      return [element.className + ' ' + element.textContent.slice(0, 30), contrast];
    });
})()`;
