// The inspector's views, by their addresses: each is there at any width and in both colour schemes, axe-core finds nothing in it, and all of it
// works with the keyboard alone.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, launchChromium } from '../support/chromium.ts';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { InspectedCrowd } from '../support/inspected-crowd.ts';
import { InspectionClient } from '../support/inspection-client.ts';
import { InspectorPage, type InspectorPageOptions } from '../support/inspector-page.ts';
import { SlowEcho } from '../support/slow-echo.ts';
import { patienceMs } from '../support/patience.ts';

const patience = { timeout: patienceMs(), interval: 50 };

describe.skipIf(!hasChromium)(`the inspector's views${hasChromium ? '' : ` (skipped: there is no Chromium at ${chromiumPath})`}`, () => {
  let browser: Browser;
  let gateway: GatewayProcess;
  let crowd: InspectedCrowd;
  let api: InspectionClient;
  /** Choked; open to the end. */
  let slow: SlowEcho;
  let slowId: number;
  /** Aborted. */
  let goneId: number;
  let listener: string;
  let inspector: InspectorPage;

  beforeAll(async () => {
    await buildGateway();
    [browser, gateway] = await Promise.all([
      launchChromium(),
      GatewayProcess.start(['--demo', '--no-log-access', '--windows-outbound-bytes', '262144', '--timeouts-handshake-timeout-ms', '5000', '--timeouts-idle-timeout-ms', '0']),
    ]);
    api = new InspectionClient(gateway.adminUrl);
    crowd = await InspectedCrowd.gather(gateway.port, 120);
    slow = await SlowEcho.open(gateway.port, 'User-Agent: slow/1');
    slowId = await api.idOf(slow.peer);
    slow.stall();
    const gone = await SlowEcho.open(gateway.port);
    goneId = await api.idOf(gone.peer);
    await api.act(goneId, { action: 'abort' });
    const { nodes } = await api.get<{ nodes: { sessionId: string; kind: string }[] }>('tree');
    listener = nodes.find(({ kind }) => kind === 'listener')!.sessionId;
  });
  afterEach(() => inspector.close());
  afterAll(async () => {
    crowd?.disperse();
    slow?.close();
    await browser?.close();
    await gateway?.kill();
  });

  /** Where each view is, and what is there once it is. */
  const views = {
    connections: { hash: () => '#/connections', sign: '.connections-grid .grid-body .grid-row:not(.pending)' },
    connection: { hash: () => `#/connections/${slowId}`, sign: '.chart-drawing .state.active' },
    closed: { hash: () => '#/closed', sign: '.closed-grid .grid-body .grid-row:not(.pending)' },
    'a closed connection': { hash: () => `#/closed/${goneId}`, sign: '.chart-drawing .state.active' },
    supervision: { hash: () => '#/supervision', sign: '.chart-drawing .state.active' },
  } as const;

  async function open(view: keyof typeof views, options?: InspectorPageOptions): Promise<Page> {
    const { hash, sign } = views[view];
    inspector = await InspectorPage.open(browser, gateway.adminUrl, hash(), options);
    await inspector.page.locator(sign).first().waitFor({ timeout: patienceMs() });
    return inspector.page;
  }

  describe.each(Object.keys(views) as (keyof typeof views)[])('%s', (view) => {
    it.each([
      [1280, 'light'],
      [375, 'dark'],
    ] as const)('%i px wide, %s: axe finds nothing, and nothing leaves the screen sideways', async (width, colorScheme) => {
      const page = await open(view, { width, height: width < 720 ? 760 : 900, colorScheme });
      const background = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      const [red = 0] = String(background).match(/\d+/g)?.map(Number) ?? [];
      expect(red > 128).toBe(colorScheme === 'light');
      expect(await inspector.violations()).toEqual([]);
      expect(await inspector.overflow()).toBeLessThanOrEqual(0);
      expect(inspector.complaints).toEqual([]);
    });
  });

  it('a link to a sorted and filtered table shows that table', async () => {
    inspector = await InspectorPage.open(browser, gateway.adminUrl, '#/connections?sort=queued&order=desc&q=echo&protocol=websocket&state=established.outbound.choked&peer=127.0.0.1');
    const { page } = inspector;
    await page.locator('.grid-empty').waitFor();
    await inspector.visit('#/connections?sort=queued&order=desc&state=established.outbound.choked');
    const rows = page.locator('.connections-grid .grid-body .grid-row');
    await expect.poll(() => rows.count(), patience).toBe(1);
    expect(await rows.locator('.cell-id').innerText()).toBe(`#${slowId}`);
    expect(await page.getByRole('columnheader', { name: 'Queued' }).getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('.table-count').innerText()).toMatch(/^1 of 1\d\d connections$/);
    await page.reload();
    await expect.poll(() => rows.count(), patience).toBe(1);
    expect(inspector.complaints).toEqual([]);
  });

  it('links lead to one connection, to one that has closed by either address, to a part of the tree, and from one that never was', async () => {
    const page = await open('connection');
    expect(await page.locator('h1').innerText()).toBe(`#${slowId}`);
    expect(await page.locator('.facts-panel, .connection-view').first().innerText()).toContain('slow/1');
    for (const hash of [`#/closed/${goneId}`, `#/connections/${goneId}`]) {
      await inspector.visit(hash);
      await expect.poll(() => page.locator('.close-notice').innerText(), patience).toMatch(/^Closed:\s*aborted/);
    }
    await inspector.visit(`#/supervision/${encodeURIComponent(listener)}`);
    await expect.poll(() => page.locator('.node-panel').innerText(), patience).toContain(listener);
    await page.locator('.node-panel .chart-drawing .state.active').first().waitFor();
    await inspector.visit('#/connections/99999999');
    await expect.poll(() => page.locator('.connection-view').innerText(), patience).toContain('Nothing is kept of 99999999');
    await page.goBack();
    await page.locator('.node-panel').waitFor();
    expect(inspector.complaints).toEqual([]);
  });

  it('a connection is found, opened and throttled without a mouse', async () => {
    const { page } = (inspector = await InspectorPage.open(browser, gateway.adminUrl, '#/connections?sort=queued&order=desc'));
    await page.locator(views.connections.sign).first().waitFor();
    const focused = (): Promise<string> => page.evaluate(`(({ activeElement: e }) => (e.getAttribute('aria-label') ?? e.textContent).trim())(document)`);
    /** Presses Tab until the focus is on what is called so. */
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if ((await focused()) === name) return;
      }
      throw new Error(`Tab does not lead to ${name}`);
    };
    await expect.poll(() => page.locator('.connections-grid .grid-row[aria-rowindex="2"] .cell-id').innerText(), patience).toBe(`#${slowId}`);
    await tabTo('Connections');
    await tabTo('Connections');
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('grid');
    const current = (): Promise<string | null> => page.locator('.connections-grid .grid-row[aria-selected="true"]').getAttribute('aria-rowindex');
    await page.keyboard.press('ArrowDown');
    await expect.poll(current, patience).toBe('3');
    await page.keyboard.press('End');
    await expect.poll(async () => Number(await current()), patience).toBeGreaterThan(100);
    await page.keyboard.press('Home');
    await expect.poll(current, patience).toBe('2');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/#/connections/${slowId}`);
    await page.locator(views.connection.sign).first().waitFor();

    // The dialog takes the focus, Escape closes it and gives it back, Enter on its button acts.
    await tabTo('Throttle…');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog');
    await dialog.waitFor();
    expect(await page.evaluate('document.activeElement.closest("[role=alertdialog]") !== null')).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Throttle…');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await tabTo('Throttle');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.type('1 MB');
    await tabTo('Throttle');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('.windows').innerText(), patience).toMatch(/throttle 1\.00 MB\/s/);

    // The timeline moves by arrows.
    await page.getByRole('slider').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('.chart-panel .state-now').innerText()).toContain('earlier');
    expect(inspector.complaints).toEqual([]);
  });
});
