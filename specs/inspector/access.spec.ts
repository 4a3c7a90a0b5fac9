// Who may look into the gateway, asked of a running one: a page of another origin never, and without the admin token nobody, once there is one or the
// listener can be reached from other machines. With a browser: signing in.

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { GatewayProcess, buildGateway } from '../support/gateway-process.ts';
import { InspectorPage } from '../support/inspector-page.ts';
import { patienceMs } from '../support/patience.ts';

const token = 'the-operator';
const paths = ['connections', 'connections/1', 'connections/1/events', 'closed', 'recordings/1', 'charts', 'charts/connection', 'tree', 'totals', 'stream'];
let gateway: GatewayProcess;

beforeAll(() => buildGateway());
afterEach(() => gateway?.kill());

type Fields = Readonly<Record<string, string>>;

async function ask(path: string, headers: Fields = {}, init: RequestInit = {}): Promise<number> {
  const reply = await fetch(`${gateway.adminUrl}${path}`, { ...init, headers, signal: AbortSignal.timeout(patienceMs()) });
  await reply.body?.cancel();
  return reply.status;
}
const act = (headers: Fields): Promise<number> =>
  ask('/inspection/actions', { 'content-type': 'application/json', ...headers }, { method: 'POST', body: '{"action":"drainAll"}' });
const foreign = { origin: 'https://evil.example' };

describe('a page of another origin', () => {
  it('is refused everything, also with the token, and by any other port of this machine', async () => {
    gateway = await GatewayProcess.start([], { env: { SLUICE_AUTH_ADMIN_TOKEN: token } });
    for (const origin of ['https://evil.example', 'null', gateway.url, `${gateway.adminUrl}.example`]) {
      const headers = { origin, authorization: `Bearer ${token}` };
      for (const path of paths) expect([origin, path, await ask(`/inspection/${path}`, headers)]).toEqual([origin, path, 403]);
      expect(await ask('/inspector/', headers)).toBe(403);
      expect(await ask('/inspection/session', { origin }, { method: 'POST', body: token })).toBe(403);
      expect(await act(headers)).toBe(403);
    }
    expect(await ask('/inspection/tree', { origin: gateway.adminUrl, authorization: `Bearer ${token}` })).toBe(200);
  });

  it('is refused where no token is asked for, and so are forms', async () => {
    gateway = await GatewayProcess.start();
    expect(await ask('/inspection/tree')).toBe(200);
    for (const path of paths) expect([path, await ask(`/inspection/${path}`, foreign)]).toEqual([path, 403]);
    expect(await act(foreign)).toBe(403);
    expect(await act({ 'content-type': 'text/plain' })).toBe(415);
  });
});

describe('without the admin token', () => {
  it('everything is refused once there is one', async () => {
    gateway = await GatewayProcess.start([], { env: { SLUICE_AUTH_ADMIN_TOKEN: token } });
    for (const path of paths) expect([path, await ask(`/inspection/${path}`)]).toEqual([path, 401]);
    expect(await act({})).toBe(401);
    for (const wrong of ['Bearer', 'Bearer the-operato', `Basic ${token}`, `Bearer ${token}x`]) expect(await act({ authorization: wrong })).toBe(401);
    expect(await ask('/inspection/tree', { cookie: 'sluice_inspector=zzzzzzzz.AAAA' })).toBe(401);
    expect(await act({ authorization: `Bearer ${token}` })).toBe(202);
  });

  it('a listener that other machines reach refuses everything, even to this machine, and even where it is called insecure', async () => {
    gateway = new GatewayProcess(['--http', '127.0.0.1:0', '--admin', '0.0.0.0:0', '--insecure']);
    await gateway.ready();
    gateway.adminUrl = gateway.adminUrl.replace('0.0.0.0', '127.0.0.1');
    for (const path of paths) expect([path, await ask(`/inspection/${path}`)]).toEqual([path, 401]);
    expect(await act({})).toBe(401);
    expect(await ask('/inspector/')).toBe(401);
    expect(await ask('/inspection/session', {}, { method: 'POST', body: '' })).toBe(401);
  });

  it('a gateway with such a listener does not even start without saying so', async () => {
    gateway = new GatewayProcess(['--http', '127.0.0.1:0', '--admin', '0.0.0.0:0']);
    expect(await gateway.exit).toMatchObject({ code: 2 });
    expect(gateway.stderr).toContain('admin');
  });
});

describe.skipIf(!hasChromium)('signing in with a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it('exchanges the token for a cookie that scripts cannot read, and is good for streams and actions', async () => {
    gateway = await GatewayProcess.start(['--demo'], { env: { SLUICE_AUTH_ADMIN_TOKEN: token } });
    const inspector = await InspectorPage.open(browser, gateway.adminUrl);
    const { page, context } = inspector;
    const field = page.getByLabel('Admin token');
    await field.fill('a guess');
    expect(await inspector.violations()).toEqual([]);
    await field.press('Enter');
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/token/i);
    expect(await context.cookies()).toEqual([]);
    await field.fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.connections-grid .grid-body .grid-row').first().or(page.locator('.grid-empty')).waitFor();
    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'sluice_inspector', httpOnly: true, sameSite: 'Strict', path: '/inspection' });
    expect(cookie!.value).not.toContain(token);
    expect(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })')).not.toContain(token);
    await expect.poll(() => page.locator('.pulse').innerText()).toMatch(/live/i);

    await page.reload();
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Supervision' }).click();
    await page.getByRole('button', { name: 'Drain all' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Drain all' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await expect.poll(() => gateway.lines).toContainEqual(expect.objectContaining({ message: 'inspector action', action: 'drainAll', who: 'signed in' }));
    expect(inspector.complaints).toEqual([]);
    await inspector.close();
  });
});
