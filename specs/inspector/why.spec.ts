// "Why is this connection in that state, and why did it close?" asked of a running gateway by a person with a browser, while 2,000 others come,
// talk, stall and go.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, hasChromium, launchChromium } from '../support/chromium.ts';
import { GatewayProcess, buildGateway, gatewayScript } from '../support/gateway-process.ts';
import { InspectedCrowd } from '../support/inspected-crowd.ts';
import { InspectionClient } from '../support/inspection-client.ts';
import { InspectorPage } from '../support/inspector-page.ts';
import { SlowEcho } from '../support/slow-echo.ts';
import { patienceMs } from '../support/patience.ts';

const crowdSize = 2000;
/** Also when the machine does much else. */
const patience = { timeout: patienceMs(), interval: 50 };

/** `sluice replay FILE`. */
function replay(file: string): Promise<{ status: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [gatewayScript, 'replay', file], (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), said: stdout + stderr }));
  });
}

interface Recording {
  readonly actors: { sessionId: string; steps: { event: string; state: unknown }[]; ending: { reason: string } | null }[];
}

describe.skipIf(!hasChromium)(`the inspector over ${crowdSize} connections${hasChromium ? '' : ` (skipped: there is no Chromium at ${chromiumPath})`}`, () => {
  let browser: Browser;
  let gateway: GatewayProcess;
  let crowd: InspectedCrowd;
  let directory: string;

  beforeAll(async () => {
    await buildGateway();
    directory = mkdtempSync(join(tmpdir(), 'inspector-'));
    [browser, gateway] = await Promise.all([
      launchChromium(),
      GatewayProcess.start([
        '--demo',
        '--no-log-access',
        '--windows-outbound-bytes',
        '262144',
        // Stallers go after so long, and come again; nobody else is sent away for being slow.
        '--timeouts-handshake-timeout-ms',
        '8000',
        '--timeouts-idle-timeout-ms',
        '0',
      ]),
    ]);
    crowd = await InspectedCrowd.gather(gateway.port, crowdSize);
  });
  afterAll(async () => {
    crowd?.disperse();
    await browser?.close();
    await gateway?.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('the slow one is found, watched, aborted, and accounted for', { timeout: patienceMs(180_000) }, async () => {
    const api = new InspectionClient(gateway.adminUrl);
    // Three wait for their throttle, with less queued than the one that does not read at all.
    const throttled = await Promise.all([30_000, 40_000, 50_000].map(async (bytes) => [await SlowEcho.open(gateway.port), bytes] as const));
    for (const [client, bytes] of throttled) {
      await api.act(await api.idOf(client.peer), { action: 'throttle', direction: 'out', bytesPerSecond: 10 });
      client.send(bytes);
    }
    const slow = await SlowEcho.open(gateway.port, 'User-Agent: slow/1');
    const slowId = await api.idOf(slow.peer);
    slow.stall();

    const inspector = await InspectorPage.open(browser, gateway.adminUrl);
    const { page } = inspector;
    expect(inspector.policy).toContain("default-src 'self'");
    expect(inspector.policy).not.toContain('unsafe');
    const count = page.locator('.connections-view .table-count');
    // The admin listener's own connections count as well.
    await expect.poll(async () => Number(/[\d,]+/.exec(await count.innerText())?.[0].replaceAll(',', '') ?? 0), patience).toBeGreaterThan(crowdSize - 100);

    // Found by sorting: the most queued first, at the second click.
    const heading = page.getByRole('columnheader', { name: 'Queued' });
    for (let clicks = 0; clicks < 2 && (await heading.getAttribute('aria-sort')) !== 'descending'; clicks++) await heading.getByRole('button').click();
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    expect(page.url()).toContain('sort=queued');
    const firstRow = page.locator('.connections-grid .grid-body .grid-row[aria-rowindex="2"]');
    await expect.poll(() => firstRow.locator('.cell-id').innerText(), patience).toBe(`#${slowId}`);
    await expect.poll(() => firstRow.locator('.cell-state').innerText(), patience).toMatch(/outbound choked/);
    const queued = await page.locator('.connections-grid .grid-body .cell-queued').evaluateAll((cells) => cells.slice(0, 4).map((cell) => cell.textContent));
    expect(queued.every((text) => /^[\d.]+ (?:kB|KiB|MB|MiB)$/.test(text ?? ''))).toBe(true);

    // Opened.
    await firstRow.locator('.row-link').click();
    await page.waitForURL(`**/#/connections/${slowId}`);
    const isLit = (id: string): Promise<boolean> => page.locator(`.chart-drawing [data-id="connection.established.${id}"]`).first().evaluate((state) => state.classList.contains('active'));
    const shown = page.locator('.connection-head .head-state');
    await expect.poll(() => isLit('outbound.choked'), patience).toBe(true);
    await expect.poll(() => shown.innerText(), patience).toMatch(/outbound choked/);

    // Live: back to clear as soon as it reads, choked as soon as it does not.
    const steps = page.locator('.sequence-panel .panel-head');
    slow.recover();
    await expect.poll(() => isLit('outbound.clear'), patience).toBe(true);
    expect(await isLit('outbound.choked')).toBe(false);
    slow.stall();
    await expect.poll(() => isLit('outbound.choked'), patience).toBe(true);
    expect(await isLit('outbound.clear')).toBe(false);
    slow.recover();
    await expect.poll(() => isLit('outbound.clear'), patience).toBe(true);
    expect(await steps.innerText()).toMatch(/[1-9]\d* steps/);
    // An earlier state lights up again, and the present once more.
    await page.getByRole('button', { name: 'One step back' }).click();
    await expect.poll(() => page.locator('.chart-panel .state-now').innerText()).toContain('earlier');
    await page.getByRole('button', { name: 'Live' }).click();
    expect(await page.locator('.chart-panel .state-now').innerText()).not.toContain('earlier');

    // Aborted, once that is confirmed.
    const abort = page.locator('.head-actions').getByRole('button', { name: 'Abort' });
    await abort.click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(slow.isClosed).toBe(false);
    await abort.click();
    await dialog.getByRole('button', { name: 'Abort' }).click();
    await expect.poll(() => page.locator('.close-notice').innerText(), patience).toMatch(/^Closed:\s*aborted/);
    await expect.poll(() => slow.isClosed, patience).toBe(true);
    expect(gateway.lines).toContainEqual(expect.objectContaining({ message: 'inspector action', connection: slowId, action: 'abort', who: 'local' }));

    // Accounted for: among the last that closed.
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Closed' }).click();
    await page.locator('.reasons').getByRole('button', { name: /^aborted/ }).click();
    const closedRow = page.locator('.closed-grid .grid-row', { hasText: `#${slowId}` });
    await expect.poll(() => closedRow.locator('.cell-reason').innerText(), patience).toBe('aborted');
    await closedRow.locator('.row-link').click();
    await page.waitForURL(`**/#/closed/${slowId}`);
    await expect.poll(() => page.locator('.close-notice').innerText(), patience).toMatch(/^Closed:\s*aborted/);

    // Taken along.
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export recording' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`connection-${slowId}.json`);
    const file = join(directory, 'recording.json');
    await download.saveAs(file);
    const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
    const [actor] = recording.actors;
    expect(actor).toMatchObject({ sessionId: `connection:${slowId}`, ending: { reason: 'aborted' } });
    expect(actor!.steps.map(({ event }) => event)).toEqual(expect.arrayContaining(['OUTBOUND.FULL', 'OUTBOUND.CLEAR']));
    expect(actor!.steps.at(-1)).toMatchObject({ event: 'ABORT', state: 'closed' });

    // Replayed: the charts of today agree, and say where a recording that was tampered with does not.
    expect(await replay(file)).toEqual({ status: 0, said: expect.stringMatching(new RegExp(`^connection:${slowId}: the same, \\d+ steps\n$`)) });
    const at = actor!.steps.findIndex(({ event }) => event === 'OUTBOUND.FULL');
    actor!.steps[at]!.event = 'OUTBOUND.CLEAR';
    const tampered = join(directory, 'tampered.json');
    writeFileSync(tampered, JSON.stringify(recording));
    expect(await replay(tampered)).toEqual({ status: 1, said: expect.stringContaining(`connection:${slowId}: differs at step ${at + 1}`) });

    expect(inspector.complaints).toEqual([]);
    expect(crowd.size).toBeGreaterThan(crowdSize - 100);
    expect(crowd.opened).toBeGreaterThan(crowdSize + 100);
    await inspector.close();
    for (const [client] of throttled) client.close();
  });
});
