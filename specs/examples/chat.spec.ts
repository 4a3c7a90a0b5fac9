// The chat of docs/examples/chat, as docs/building-an-app.md explains it: two people in Chromium talk, connections are lost, the gateway
// is killed and started again. And what the document shows is what the example has.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, launchChromium } from '../support/chromium.ts';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const root = resolve(docs, 'examples/chat');

/** Without the indentation that all lines have in common. */
function dedent(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const indents = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common)).join('\n').trim();
}

describe('docs/building-an-app.md', () => {
  const document = readFileSync(resolve(docs, 'building-an-app.md'), 'utf8');
  const shown = [...document.matchAll(/<!-- from examples\/chat\/(\S+) -->\n+```js\n([\s\S]*?)\n```/g)].map(([, file, code]) => ({ file: file!, code: code! }));

  it('shows code of the example, not of its own', () => {
    expect(shown.length).toBeGreaterThan(4);
    for (const { file, code } of shown) {
      const source = readFileSync(resolve(root, file), 'utf8').split('\n');
      const { length } = code.split('\n');
      const pieces = source.map((_line, at) => dedent(source.slice(at, at + length).join('\n')));
      expect(pieces, `${file}: ${code}`).toContain(dedent(code));
    }
  });
});

describe.skipIf(!hasChromium)(`the chat example${hasChromium ? '' : ` (skipped: there is no Chromium at ${chromiumPath})`}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let running: RunningGateway | null = null;
  let pages: Page[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const page of pages) await page.context().close();
    pages = [];
    await running?.stop();
    running = null;
  });

  const isOpen = (page: Page) => page.waitForSelector('#state[data-state=open]', { timeout: 30_000 });
  const bodies = (page: Page): Promise<string[]> => page.$$eval('#messages .body', (rows) => rows.map((row) => row.textContent ?? ''));
  const notices = (page: Page): Promise<string[]> => page.$$eval('#messages .notice', (rows) => rows.map((row) => row.textContent ?? ''));
  const people = (page: Page): Promise<string[]> => page.$$eval('#people li', (rows) => rows.map((row) => row.textContent ?? ''));

  async function enter(url: string, name: string, token = ''): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    pages.push(page);
    await page.goto(`${url}/`);
    await page.fill('#name', name);
    await page.click('#join button');
    if (token !== '') {
      await page.waitForSelector('#token', { state: 'visible' });
      await page.fill('#token', token);
      await page.click('#join button');
    }
    await isOpen(page);
    return page;
  }

  async function say(page: Page, text: string): Promise<void> {
    await page.fill('#text', text);
    await page.press('#text', 'Enter');
  }

  const config = { root, demo: false, drain: { retryHintMs: 50, retryJitterMs: 0 } };

  it('shows the history to who comes later, then what is said, and who is there', async () => {
    running = await runGateway({ config });
    const ann = await enter(running.url, 'Ann');
    await say(ann, 'anyone here?');
    await expect.poll(() => bodies(ann)).toEqual(['anyone here?']);
    const ben = await enter(running.url, 'Ben');
    await expect.poll(() => bodies(ben)).toEqual(['anyone here?']);
    await say(ben, '<b>yes</b>');
    for (const page of [ann, ben]) {
      await expect.poll(() => bodies(page)).toEqual(['anyone here?', '<b>yes</b>']);
      await expect.poll(() => people(page), { timeout: 20_000 }).toEqual(['Ann', 'Ben']);
    }
    await ben.close();
    await expect.poll(() => people(ann), { timeout: 20_000 }).toEqual(['Ann']);
  });

  it('loses and doubles nothing when connections are ended again and again', async () => {
    running = await runGateway({ config });
    const [ann, ben] = [await enter(running.url, 'Ann'), await enter(running.url, 'Ben')];
    const said: string[] = [];
    for (let round = 0; round < 4; round++) {
      for (const connection of running.gateway.registry.all()) {
        if (connection.session.protocol !== 'websocket') continue;
        if (round % 2 === 0) connection.drain();
        else connection.abort('transportError');
      }
      for (const page of [ann, ben]) {
        said.push(`message ${said.length + 1}`);
        await say(page, said.at(-1)!);
        await expect.poll(() => running!.gateway.hub.history('chat', { limit: 1 }).nextOffset).toBe(said.length + 1);
      }
    }
    // Away for longer than the history that a page begins with: only resuming brings these.
    for (const page of [ann, ben]) await page.context().setOffline(true);
    for (const connection of running.gateway.registry.all()) connection.abort('transportError');
    for (let count = 0; count < 60; count++) {
      said.push(`away ${count}`);
      const body = JSON.stringify({ id: said.at(-1), name: 'Cai', text: said.at(-1) });
      expect((await fetch(`${running.url}/topics/chat`, { method: 'POST', body })).status).toBe(200);
    }
    for (const page of [ann, ben]) await page.context().setOffline(false);
    for (const page of [ann, ben]) {
      await expect.poll(() => bodies(page), { timeout: 30_000 }).toEqual(said);
      expect(await notices(page)).toEqual([]);
    }
  });

  it('says what is missing, and shows a message that was posted twice once', async () => {
    running = await runGateway({ config: { ...config, history: { count: 2 } } });
    const ann = await enter(running.url, 'Ann');
    await say(ann, 'one');
    await expect.poll(() => bodies(ann)).toEqual(['one']);
    const post = (id: string, text: string) => fetch(`${running!.url}/topics/chat`, { method: 'POST', body: JSON.stringify({ id, name: 'Ben', text }) });
    await ann.context().setOffline(true);
    for (const connection of running.gateway.registry.all()) connection.abort('transportError');
    for (const text of ['two', 'three', 'four', 'five']) await post(text, text);
    await ann.context().setOffline(false);
    await expect.poll(() => bodies(ann), { timeout: 30_000 }).toEqual(['one', 'four', 'five']);
    expect(await notices(ann)).toEqual(['2 messages are missing here']);
    await post('six', 'six');
    await post('six', 'six');
    await post('seven', 'seven');
    await expect.poll(() => bodies(ann)).toEqual(['one', 'four', 'five', 'six', 'seven']);
  });

  it('shows a gap when the gateway was killed and started again, and goes on', async () => {
    await buildGateway();
    const first = await GatewayProcess.start(['--root', root]);
    const address = new URL(first.url).host;
    const ann = await enter(first.url, 'Ann');
    await say(ann, 'before');
    await expect.poll(() => bodies(ann)).toEqual(['before']);
    await first.kill();
    await ann.waitForSelector('#state[data-state=waiting]');
    const second = new GatewayProcess(['--root', root, '--http', address, '--admin', 'off']);
    await second.ready();
    await isOpen(ann);
    await say(ann, 'after');
    await expect.poll(() => bodies(ann), { timeout: 20_000 }).toEqual(['before', 'after']);
    expect(await notices(ann)).toEqual(['messages may be missing here: the gateway began anew']);
    await second.kill();
  });

  it('asks for a token where one is needed, and sends it in no URL', async () => {
    running = await runGateway({ config: { ...config, auth: { tokens: ['hush/1=='] } } });
    const ann = await enter(running.url, 'Ann', 'hush/1==');
    await say(ann, 'let in');
    await expect.poll(() => bodies(ann)).toEqual(['let in']);
    const targets = running.lines.map(({ target }) => String(target ?? ''));
    expect(targets.some((target) => target.startsWith('/topics/chat?'))).toBe(true);
    for (const target of targets) expect(target).not.toContain('access_token');
  });

  describe('refusals that a page can see', () => {
    const closeOf = (page: Page, path: string, protocols: string[] = []): Promise<{ code: number; reason: string }> =>
      page.evaluate(
        ({ url, protocols }) =>
          new Promise((resolve) => {
            const socket = new WebSocket(url, protocols);
            socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
          }),
        { url: running!.wsUrl + path, protocols },
      );

    async function visit(settings: Record<string, unknown>): Promise<Page> {
      running = await runGateway({ config: { ...config, ...settings } });
      const page = await (await browser.newContext()).newPage();
      pages.push(page);
      await page.goto(`${running.url}/`);
      return page;
    }

    it('close a WebSocket with 4401 and why by setting, and are 1006 without it', async () => {
      const auth = { tokens: ['hush'] };
      const page = await visit({ auth, refusals: 'inBand' });
      expect(await closeOf(page, '/topics/chat')).toEqual({ code: 4401, reason: 'Topics and tags of this gateway need a bearer token.' });
      expect((await closeOf(page, '/topics/chat', ['sluice.v1', 'sluice.bearer.bm8'])).code).toBe(4401);
      await running!.stop();
      expect((await closeOf(await visit({ auth }), '/topics/chat')).code).toBe(1006);
    });

    it('end an event stream with an event, and the browser comes back', async () => {
      const page = await visit({ auth: { tokens: ['hush'] }, refusals: 'inBand' });
      const [status, readyState] = await page.evaluate(
        () =>
          new Promise<[number, number]>((resolve) => {
            const events = new EventSource('/topics/chat');
            let status = 0;
            events.addEventListener('refused', (event) => {
              status = (JSON.parse((event as unknown as { data: string }).data) as { status: number }).status;
            });
            events.addEventListener('error', () => resolve([status, events.readyState]));
          }),
      );
      expect([status, readyState]).toEqual([401, 0]);
    });
  });
});
