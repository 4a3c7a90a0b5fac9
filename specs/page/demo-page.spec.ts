// The demo page of a running gateway in a real Chromium: what is published anywhere arrives in both panes, and a connection that is lost
// comes back without loss or duplicate. Nothing is reported on the console, and axe finds nothing.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, launchChromium } from '../support/chromium.ts';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { patienceMs } from '../support/patience.ts';

const panes = ['websocket', 'events'] as const;
type Pane = (typeof panes)[number];

describe.skipIf(!hasChromium)(`the demo page${hasChromium ? '' : ` (skipped: there is no Chromium at ${chromiumPath})`}`, () => {
  let browser: Browser;
  let page: Page;
  let running: RunningGateway | null = null;
  /** What a page must not do: errors, warnings and policy violations, as the console has them. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    running = await runGateway({ config: { history: { count: 300 }, drain: { retryHintMs: 50, retryJitterMs: 0 } } });
  });
  afterEach(async () => {
    await page.context().close();
    await running?.stop();
    running = null;
  });

  async function open(url = running!.url, width = 1280): Promise<void> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    const reply = await page.goto(`${url}/#news`);
    expect(reply!.status()).toBe(200);
    expect(reply!.headers()['content-security-policy']).toContain("default-src 'self'");
    for (const pane of panes) await page.waitForSelector(`[data-pane=${pane}] .state[data-state=open]`);
  }

  const texts = (pane: Pane): Promise<string[]> => page.$$eval(`[data-pane=${pane}] .row-text`, (rows) => rows.map((row) => row.textContent ?? ''));
  const offsets = (pane: Pane): Promise<number[]> => page.$$eval(`[data-pane=${pane}] .row-offset`, (rows) => rows.map((row) => Number(row.textContent)));
  const notices = (pane: Pane): Promise<string[]> => page.$$eval(`[data-pane=${pane}] .row-notice`, (rows) => rows.map((row) => row.textContent ?? ''));

  const post = async (body: string, url = running!.url): Promise<void> => {
    expect((await fetch(`${url}/topics/news`, { method: 'POST', body })).status).toBe(200);
  };

  /** Waits until both panes show this offset last. */
  async function bothAt(offset: number): Promise<void> {
    for (const pane of panes) await expect.poll(async () => (await offsets(pane)).at(-1), { interval: 20 }).toBe(offset);
  }

  const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

  it('shows in both panes what is posted, also binary', async () => {
    await open();
    await post('hello from elsewhere');
    await post('two\nlines <b>and markup</b>');
    await fetch(`${running!.url}/topics/news`, { method: 'POST', body: Uint8Array.of(0, 255, 254) });
    await bothAt(3);
    for (const pane of panes) {
      const [first, second] = await texts(pane);
      expect(first).toBe('hello from elsewhere');
      expect(second).toBe('two\nlines <b>and markup</b>');
      expect(await offsets(pane)).toEqual([1, 2, 3]);
    }
    expect(complaints).toEqual([]);
  });

  it('shows the history it finds, and one that is published meanwhile once', async () => {
    for (let count = 1; count <= 5; count++) await post(`before ${count}`);
    await open();
    await post('after');
    await bothAt(6);
    for (const pane of panes) expect(await offsets(pane)).toEqual(from(1, 6));
    expect(complaints).toEqual([]);
  });

  it('publishes by keyboard over HTTP and over the WebSocket, and a hundred at once', async () => {
    await open();
    await page.focus('#payload');
    await page.keyboard.type('typed');
    await page.keyboard.press('Enter');
    await bothAt(1);
    expect(await page.textContent('#publish-note')).toBe('Published to news as 1');
    await page.check('input[value=websocket]');
    await page.focus('#payload');
    await page.keyboard.type('over the socket');
    await page.keyboard.press('Enter');
    await bothAt(2);
    for (const pane of panes) expect(await texts(pane)).toEqual(['typed', 'over the socket']);
    await page.click('#burst');
    await bothAt(102);
    for (const pane of panes) {
      expect(await offsets(pane)).toEqual(from(1, 102));
      expect((await texts(pane)).slice(2)).toEqual(from(1, 100).map((number) => `Message ${number} of 100`));
    }
    expect(await page.textContent('#publish-note')).toBe('100 messages published to news');
    expect(complaints).toEqual([]);
  });

  it('sends a hundred over HTTP in order, too', async () => {
    await open();
    await page.click('#burst');
    await bothAt(100);
    for (const pane of panes) expect(await texts(pane)).toEqual(from(1, 100).map((number) => `Message ${number} of 100`));
  });

  it('says where it publishes to when another topic was refused', async () => {
    await open();
    await page.fill('#topic', 'prices.>');
    await page.press('#topic', 'Enter');
    expect(await page.textContent('#topic-note')).toContain('match many topics');
    expect(await page.textContent('label[for=payload]')).toBe('Publish to news');
    await page.fill('#payload', 'still to news');
    await page.press('#payload', 'Enter');
    await bothAt(1);
    expect(await page.textContent('#publish-note')).toBe('Published to news as 1');
    expect(complaints).toEqual([]);
  });

  it('with a token, sends it to the WebSocket in no URL', async () => {
    await running!.stop();
    running = await runGateway({ config: { auth: { tokens: ['hush/1=='] } } });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${running!.url}/#news`);
    await page.fill('#token', 'hush/1==');
    await page.press('#topic', 'Enter');
    for (const pane of panes) await page.waitForSelector(`[data-pane=${pane}] .state[data-state=open]`);
    expect(sockets.length).toBeGreaterThan(0);
    for (const url of sockets) expect(url).not.toContain('hush');
  });

  it('says what is wrong with a topic’s name, and watches another', async () => {
    await open();
    await page.fill('#topic', 'bad topic');
    await page.press('#topic', 'Enter');
    expect(await page.textContent('#topic-note')).toContain('spaces');
    await page.fill('#topic', 'room.42');
    await page.press('#topic', 'Enter');
    await expect.poll(() => page.title()).toMatch(/^room\.42/);
    for (const pane of panes) await page.waitForSelector(`[data-pane=${pane}] .state[data-state=open]`);
    await fetch(`${running!.url}/topics/room.42`, { method: 'POST', body: 'in the room' });
    await bothAt(1);
    expect(page.url()).toMatch(/#room\.42$/);
    expect(complaints).toEqual([]);
  });

  it('resumes without loss or duplicate when its connections are ended again and again', async () => {
    await open();
    let published = 0;
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 5; count++) await post(`message ${++published}`);
      for (const connection of running!.gateway.registry.all()) if (connection.session.protocol !== 'http') connection.drain();
      for (let count = 0; count < 5; count++) await post(`message ${++published}`);
    }
    await bothAt(published);
    for (const pane of panes) {
      expect(await offsets(pane)).toEqual(from(1, published));
      expect((await notices(pane)).some((notice) => notice.includes('missing'))).toBe(false);
    }
    expect(complaints).toEqual([]);
  });

  it('says how many are missing when it was away for longer than history lasts', async () => {
    await open();
    await post('seen');
    await bothAt(1);
    for (const pane of panes) await page.click(`[data-pane=${pane}] .toggle`);
    await eventually('both have gone', () => running!.gateway.hub.stats().subscriptions === 0);
    for (let count = 2; count <= 351; count++) await post(`away ${count}`);
    for (const pane of panes) await page.click(`[data-pane=${pane}] .toggle`);
    await bothAt(351);
    for (const pane of panes) {
      expect((await notices(pane)).some((notice) => notice.includes('50 messages are missing'))).toBe(true);
      expect(await offsets(pane)).toEqual([1, ...from(52, 351)]);
    }
    expect(complaints).toEqual([]);
  });

  it('goes on by itself when the gateway is killed and started again', async () => {
    await buildGateway();
    const first = await GatewayProcess.start(['--demo']);
    const address = new URL(first.url).host;
    await open(first.url);
    await post('before', first.url);
    await bothAt(1);
    await first.kill();
    for (const pane of panes) await page.waitForSelector(`[data-pane=${pane}] .state:is([data-state=waiting], [data-state=retrying], [data-state=closed])`);
    const second = new GatewayProcess(['--demo', '--http', address, '--admin', 'off']);
    await second.ready();
    await post('after', second.url);
    for (const pane of panes) {
      await page.waitForSelector(`[data-pane=${pane}] .state[data-state=open]`, { timeout: patienceMs() });
      await expect.poll(() => texts(pane)).toEqual(['before', 'after']);
      expect((await notices(pane)).some((notice) => notice.includes('began anew'))).toBe(true);
    }
    // A browser reports by itself that it could not connect; nothing else may be there.
    expect(complaints.filter((text) => !/ERR_|WebSocket connection to/.test(text))).toEqual([]);
    await second.kill();
  });

  describe.each([1280, 375])('%i px wide', (width) => {
    it.each(['light', 'dark'] as const)('axe finds nothing in the %s scheme, and nothing leaves the screen sideways', async (colorScheme) => {
      await open(running!.url, width);
      await page.emulateMedia({ colorScheme });
      await post('something to read');
      await bothAt(1);
      await page.click('[data-pane=events] .toggle');
      await page.waitForSelector('[data-pane=events] .state[data-state=closed]');
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> } };
        const results = await axe.run();
        return results.violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => String(target)) }));
      });
      expect(violations).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
    });
  });
});
