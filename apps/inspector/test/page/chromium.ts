// The built page before a made-up gateway, in a real Chromium, where one is installed.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startFakeServer, type FakeServer } from '../../dev/fake-server.ts';
import type { FakeGatewayOptions } from '../../dev/fake-gateway.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const dist = join(import.meta.dirname, '../../dist/index.html');

/** The page is looked at where there is a browser and a build (`npm run build`, which the gate's test target depends on). */
export const canLook = existsSync(executablePath) && existsSync(dist);

export interface Look {
  readonly server: FakeServer;
  /** What the page said is wrong: exceptions, and what the policy kept out. */
  readonly complaints: string[];
  open(hash: string, screen?: { readonly width?: number; readonly colorScheme?: 'light' | 'dark' }): Promise<Page>;
}

/** For the tests of a file: one gateway, one browser. */
export function setUpLook(options: FakeGatewayOptions): Look {
  const complaints: string[] = [];
  let server: FakeServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startFakeServer(options);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get server() {
      return server;
    },
    complaints,
    async open(hash, { width = 1280, colorScheme = 'light' } = {}) {
      const page = await browser.newPage({ viewport: { width, height: 860 }, colorScheme, reducedMotion: 'reduce' });
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        if (message.type() === 'error' && /Content Security Policy|React/.test(message.text())) complaints.push(message.text());
      });
      await page.goto(`${server.url}${hash}`);
      return page;
    },
  };
}
