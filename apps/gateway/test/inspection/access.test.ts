import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { act, newest, post, statusOf } from './admin-client.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const paths = ['/inspection/connections', '/inspection/tree', '/inspection/totals', '/inspection/stream', '/inspection/closed', '/inspection/charts/listener', '/inspection/nothing'];

describe('a foreign page', () => {
  it.each([...paths, '/inspector/', '/inspection/session'])('is kept out of %s', async (path) => {
    running = await GatewayInMemory.start({ origins: ['https://app.example'] });
    const admin = running.connectAdmin();
    // Pages that may use topics may not look into connections.
    for (const origin of ['https://evil.example', 'https://app.example', 'null']) expect(statusOf(admin.request(`GET ${path}`, `Origin: ${origin}`))).toBe(403);
    expect(admin.request('GET /inspection/connections', 'Origin: http://memory')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(['/inspection/totals', '/inspection/connections', '/inspector/', '/inspection/session'])('cannot load %s as an image either, or in a frame', async (path) => {
    running = await GatewayInMemory.start();
    const admin = running.connectAdmin();
    for (const site of ['cross-site', 'same-site']) expect(statusOf(admin.request(`GET ${path}`, `Sec-Fetch-Site: ${site}`, 'Sec-Fetch-Mode: no-cors'))).toBe(403);
  });

  it('may have a link to the page, and to nothing behind it', async () => {
    running = await GatewayInMemory.start();
    const admin = running.connectAdmin();
    const followed = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'];
    expect(statusOf(admin.request('GET /inspector', ...followed))).toBe(308);
    expect(statusOf(admin.request('GET /inspection/totals', ...followed))).toBe(403);
    for (const site of ['same-origin', 'none']) expect(statusOf(admin.request('GET /inspection/connections', `Sec-Fetch-Site: ${site}`))).toBe(200);
  });

  it('cannot act, whatever token it has', async () => {
    running = await GatewayInMemory.start({ auth: { adminToken: 'hush' } });
    running.connect().upgrade('/topics/news');
    const { id } = newest(running);
    const admin = running.connectAdmin();
    expect(statusOf(act(admin, id, { action: 'abort' }, 'Authorization: Bearer hush', 'Origin: https://evil.example'))).toBe(403);
    expect(statusOf(act(admin, id, { action: 'abort' }, 'Authorization: Bearer hush', 'Origin: http://memory'))).toBe(202);
  });
});

describe('the admin token', () => {
  it.each(paths)('is needed for %s', async (path) => {
    running = await GatewayInMemory.start({ auth: { adminToken: 'hush' } });
    const admin = running.connectAdmin();
    for (const field of ['X-None: 1', 'Authorization: Bearer other', 'Cookie: sluice_inspector=hush', 'Cookie: sluice_inspector=zzzzzzzz.AAAA']) {
      const reply = admin.request(`GET ${path}`, field);
      expect([statusOf(reply), reply.includes('WWW-Authenticate: Bearer')]).toEqual([401, true]);
    }
    expect(statusOf(admin.request(`GET ${path}?access_token=hush`))).toBe(401);
  });

  it('lets in who shows it, or signs in with it; the page itself is for everybody', async () => {
    running = await GatewayInMemory.start({ auth: { adminToken: 'hush' } });
    const admin = running.connectAdmin();
    expect(statusOf(admin.request('GET /inspection/tree', 'Authorization: Bearer hush'))).toBe(200);
    expect(statusOf(admin.request('GET /inspector'))).toBe(308);
    expect(statusOf(post(admin, '/inspection/session', 'wrong'))).toBe(401);
    expect(statusOf(post(admin, '/inspection/session', ''))).toBe(401);
    const reply = post(admin, '/inspection/session', 'hush\n');
    const [, cookie] = /^Set-Cookie: (sluice_inspector=[^;]+); Max-Age=43200; HttpOnly; SameSite=Strict\r$/m.exec(reply)!;
    expect([statusOf(reply), cookie!.includes('hush')]).toEqual([204, false]);
    expect(statusOf(admin.request('GET /inspection/tree', `Cookie: other=1; ${cookie}`))).toBe(200);
    expect(admin.request('DELETE /inspection/session')).toMatch(/^HTTP\/1\.1 204 [^]*Set-Cookie: sluice_inspector=; [^]*Max-Age=0;/);
    expect(await running.lines()).toMatchObject([{ message: 'inspector sign-in refused' }, { message: 'inspector sign-in refused' }, { message: 'inspector sign-in' }]);
  });

  it('signs everybody out when it changes, and nobody when something else does', async () => {
    running = await GatewayInMemory.start({ auth: { adminToken: 'hush' } });
    const admin = running.connectAdmin();
    const [, cookie] = /(sluice_inspector=[^;]+);/.exec(post(admin, '/inspection/session', 'hush'))!;
    const status = () => statusOf(admin.request('GET /inspection/tree', `Cookie: ${cookie}`));
    const { configOf } = await import('../in-memory/gateway.ts');
    running.gateway.reload(configOf({ auth: { adminToken: 'hush' }, origins: ['https://app.example'] }));
    expect(status()).toBe(200);
    running.gateway.reload(configOf({ auth: { adminToken: 'hush2' } }));
    expect(status()).toBe(401);
  });
});

describe('off loopback without a token', () => {
  it.each([...paths, '/inspector/', '/inspection/session'])('nobody is let in to %s', async (path) => {
    running = await GatewayInMemory.start({ admin: '0.0.0.0:9090', insecure: true });
    const reply = running.connectAdmin().request(`GET ${path}`);
    expect([statusOf(reply), reply.includes('auth.adminToken')]).toEqual([401, true]);
  });
});
