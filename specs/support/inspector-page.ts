// The inspector in a browser, and all that a page must not do while it is looked at: errors on the console, breaches of its own policy, requests to
// any host but the gateway's.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface InspectorPageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Chromium itself reports each answer of 4xx; that a connection is gone, or a token missing, is an answer and no error of the page. */
const answers = /^Failed to load resource: the server responded with a status of (?:401|404)/;

/** A text: it runs in the page, before its own scripts. */
const reportBreaches = "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))";

export class InspectorPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[] = [];
  /** The Content-Security-Policy it came with. */
  policy = '';
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context;
    this.page = page;
    this.#url = url;
    const { host } = new URL(url);
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      const isTrouble = message.type() === 'error' || message.type() === 'warning';
      if (isTrouble && !answers.test(message.text())) this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const asked = new URL(request.url());
      if (asked.host !== host && !['data:', 'blob:'].includes(asked.protocol)) this.complaints.push(`foreign: ${request.url()}`);
    });
  }

  /** `url` is the admin listener's; `hash` a view, `#/closed`. */
  static async open(browser: Browser, url: string, hash = '', options: InspectorPageOptions = {}): Promise<InspectorPage> {
    const { width = 1280, height = 900, colorScheme = 'light' } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce', acceptDownloads: true });
    const opened = new InspectorPage(context, await context.newPage(), url);
    await opened.page.addInitScript({ content: reportBreaches });
    const reply = await opened.page.goto(`${url}/inspector/${hash}`);
    if (reply?.status() !== 200) throw new Error(`the page: ${reply?.status()}`);
    opened.policy = reply.headers()['content-security-policy'] ?? '';
    return opened;
  }

  /** Another view, by its address. */
  async visit(hash: string): Promise<void> {
    await this.page.goto(`${this.#url}/inspector/${hash}`);
  }

  /** What axe-core finds wrong with what is on screen. */
  async violations(): Promise<unknown[]> {
    await this.page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => String(target)) }));
    });
  }

  /** How far the page can be scrolled sideways. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
