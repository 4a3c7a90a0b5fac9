import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { canLook, setUpLook } from './chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

const views = [
  ['all connections', '#/connections', '.grid-body .row-link'],
  ['one connection', '#/connections/5', '.chart-drawing .active'],
  ['closed connections', '#/closed', '.grid-body .row-link'],
  ['the supervision tree', '#/supervision', '.chart-drawing .active'],
] as const;

describe.skipIf(!canLook)('every view', () => {
  const look = setUpLook({ connections: 300, pastSeconds: 120 });

  const screens = [
    [375, 'dark'],
  ] as const;

  describe.each(screens)('at %d px, %s', (width, colorScheme) => {
    it.each(views)('%s has no accessibility mistake, and is no wider than the screen', async (_, hash, ready) => {
      const page = await look.open(hash, { width, colorScheme });
      await page.locator(ready).first().waitFor();
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.close();
    });
  });

  it('a closed connection opens with its recording', async () => {
    const page = await look.open('#/closed');
    await page.locator('.grid-body .row-link').first().click();
    await page.locator('.close-notice').waitFor();
    await page.locator('[data-id="connection.closed"].active').waitFor();
    await page.close();
  });

  it('a reason that is chosen is all that is shown', async () => {
    const page = await look.open('#/closed');
    await page.getByRole('button', { name: /^peerClosed/ }).click();
    await page.waitForFunction(() => location.hash.includes('reason=peerClosed'));
    await page.waitForFunction(() => {
      const reasons = [...document.querySelectorAll('.grid-body .cell-reason')].map((cell) => cell.textContent);
      return reasons.includes('peerClosed') && reasons.every((reason) => reason === 'peerClosed' || reason === '');
    });
    await page.close();
  });

  it('a part of the gateway opens with its chart', async () => {
    const page = await look.open('#/supervision');
    await page.getByRole('row', { name: /upstream\.example/ }).click();
    await page.locator('[data-id^="connector."].active').waitFor();
    expect(await page.evaluate(() => location.hash)).toBe('#/supervision/connector%3Aupstream');
    await page.close();
  });

  it('the colours that are chosen stay', async () => {
    const page = await look.open('#/closed');
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    const button = page.getByRole('button', { name: /^Colours/ });
    await button.click();
    await button.click();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    await button.waitFor();
    expect(await ground()).toBe(dark);
    await page.close();
  });

  it('nothing was kept out by the policy, and nothing thrown', () => expect(look.complaints).toEqual([]));
});

describe.skipIf(!canLook)('a gateway with a token', () => {
  const look = setUpLook({ connections: 20, pastSeconds: 5, token: 'open sesame' });

  it('is signed in to, and says so when the token is wrong', async () => {
    const page = await look.open('#/connections');
    const token = page.getByLabel('Admin token');
    await token.fill('guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not the token').waitFor();
    await token.fill('open sesame');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.grid-body .row-link').first().waitFor();
    await page.close();
  });
});
