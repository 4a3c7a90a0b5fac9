import { describe, expect, it } from 'vitest';
import { canLook, setUpLook } from './chromium.ts';

describe.skipIf(!canLook)('one connection', () => {
  const look = setUpLook({ connections: 60, pastSeconds: 90 });

  it('has its chart with the active states lit up, and light goes where the chart goes', async () => {
    const page = await look.open('#/connections/7');
    await page.locator('[data-id="connection.established"].active').waitFor();
    await page.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Drain', exact: true }).click();
    await page.locator('[data-id="connection.closed"].active').waitFor();
    await page.locator('.close-notice', { hasText: 'drained' }).waitFor();
    // Its last steps stand in the sequence, and the export has them.
    await page.locator('.sequence-line', { hasText: 'finish, say goodbye' }).waitFor();
    const recording = await page.evaluate(async () => (await fetch(document.querySelector<HTMLAnchorElement>('a[download]')?.href ?? '')).json() as Promise<{ actors: { ending: { reason: string } }[] }>);
    expect(recording.actors[0]?.ending.reason).toBe('drained');
    await page.close();
  });

  it('is scrubbed by keyboard: earlier states light up, and the end is the present', async () => {
    const page = await look.open('#/connections/2');
    const thumb = page.getByRole('slider', { name: 'Timeline' });
    await thumb.waitFor();
    await page.locator('.live-button[data-live]').waitFor();
    await thumb.focus();
    await page.keyboard.press('Home');
    await page.locator('.scrubber-when', { hasText: 'beginning' }).waitFor();
    const first = await page.locator('.state-now').textContent();
    expect(first).toContain('earlier: ');
    expect(await page.locator('.transition.taken').count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await page.locator('.transition.taken').waitFor();
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await page.locator('.live-button[data-live]').waitFor();
    await page.close();
  });

  it('is not touched when the dialog is left', async () => {
    const page = await look.open('#/connections/9');
    await page.getByRole('button', { name: 'Abort', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await page.locator('[data-id="connection.established"].active').waitFor();
    await page.close();
  });

  it('is throttled at the rate that was entered', async () => {
    const page = await look.open('#/connections/11');
    await page.getByRole('button', { name: 'Throttle…' }).click();
    const dialog = page.getByRole('alertdialog');
    const rate = dialog.getByRole('textbox');
    await rate.fill('a lot');
    expect(await dialog.getByRole('button', { name: 'Throttle' }).isDisabled()).toBe(true);
    await rate.fill('64 kB');
    await dialog.getByRole('button', { name: 'Throttle' }).click();
    await page.getByText('throttle 64.0 kB/s').waitFor();
    await page.close();
  });

  it('an event that is pointed at shows where it would lead', async () => {
    const page = await look.open('#/connections/13');
    await page.locator('.event', { hasText: 'DRAIN' }).hover();
    await page.locator('.transition.hinted[data-source="connection.established"]').waitFor();
    await page.close();
  });

  it('nothing was kept out by the policy, and nothing thrown', () => expect(look.complaints).toEqual([]));
});
