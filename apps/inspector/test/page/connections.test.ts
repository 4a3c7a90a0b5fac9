import { describe, expect, it } from 'vitest';
import { canLook, setUpLook } from './chromium.ts';

describe.skipIf(!canLook)('all connections', () => {
  const look = setUpLook({ connections: 3000, pastSeconds: 90 });

  it('are a table that sorts, and whose question stands in the address', async () => {
    const page = await look.open('#/connections');
    await page.getByRole('button', { name: 'Queued' }).click();
    await page.waitForFunction(() => location.hash === '#/connections?sort=queued&order=desc');
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor();
    const slow = page.locator('.grid-body [role=row]').first();
    await slow.getByText(/MB|kB/).first().waitFor();
    await page.close();
  });

  it('are a few elements, however many there are, down to the last row', async () => {
    const page = await look.open('#/connections');
    const grid = page.getByRole('grid', { name: 'Connections' });
    await page.locator('.grid-body .row-link').first().waitFor();
    expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(2000);
    await grid.focus();
    await page.keyboard.press('End');
    const count = Number(await grid.getAttribute('aria-rowcount'));
    await page.locator(`.grid-body [role=row][aria-rowindex="${count}"] .row-link, .grid-body [role=row][aria-rowindex="${count - 1}"] .row-link`).first().waitFor();
    expect(await page.locator('.grid-body [role=row]').count()).toBeLessThan(80);
    await page.close();
  });

  it('are walked through by keyboard: Enter opens the current one', async () => {
    const page = await look.open('#/connections');
    await page.locator('.grid-body .row-link').nth(3).waitFor();
    await page.getByRole('grid', { name: 'Connections' }).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    const current = await page.locator('.grid-body [aria-selected=true] .row-link').textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: current ?? '' }).waitFor();
    await page.close();
  });

  it('are found by what is typed', async () => {
    const page = await look.open('#/connections');
    await page.locator('.grid-body .row-link').first().waitFor();
    await page.getByRole('searchbox').fill('no such connection');
    await page.getByText('No connection fits this.').waitFor();
    expect(new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1]).get('q')).toBe('no such connection');
    await page.close();
  });

  it('come back after the gateway was away', async () => {
    const page = await look.open('#/connections');
    await page.locator('.grid-body .row-link').first().waitFor();
    look.server.gateway.isAway = true;
    look.server.gateway.breakStreams();
    await page.getByText('The gateway does not answer').waitFor();
    look.server.gateway.isAway = false;
    await page.getByText('The gateway does not answer').waitFor({ state: 'detached' });
    await page.close();
  });

  it('nothing was kept out by the policy, and nothing thrown', () => expect(look.complaints).toEqual([]));
});
