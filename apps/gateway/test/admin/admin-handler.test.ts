import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);
const statusOf = (reply: string): number => Number(reply.slice(9, 12));

describe('what there is', () => {
  it.each<[string, number, RegExp]>([
    ['GET /', 200, /\/metrics \/healthz \/readyz \/connections/],
    ['GET /healthz', 200, /^ok\n$/],
    ['GET /readyz', 200, /^ready\n$/],
    ['GET /metrics', 200, /^# HELP sluice_/m],
    ['GET /connections', 200, /^\{"total":0,"matched":0,"connections":\[\]\}\n$/],
    ['GET /nothing', 404, /"status":404/],
    ['GET /topics/a', 404, /"status":404/],
    ['POST /healthz', 405, /use GET, HEAD\./],
    ['DELETE /connections', 405, /use GET, HEAD\./],
  ])('%s is %i', async (start, status, body) => {
    running = await GatewayInMemory.start();
    const reply = running.connectAdmin().request(start);
    expect(statusOf(reply)).toBe(status);
    expect(bodyOf(reply)).toMatch(body);
    if (status === 405) expect(reply).toMatch(/^Allow: GET, HEAD, OPTIONS\r$/im);
    if (status >= 400) expect(reply).toMatch(/^Content-Type: application\/problem\+json\r$/im);
  });

  it('HEAD is the same without a body', async () => {
    running = await GatewayInMemory.start();
    const client = running.connectAdmin();
    const whole = client.request('GET /healthz');
    expect(client.request('HEAD /healthz')).toBe(whole.slice(0, whole.indexOf('\r\n\r\n') + 4));
  });

  it('a request that is none is answered with a problem too', async () => {
    running = await GatewayInMemory.start();
    const client = running.connectAdmin();
    client.send('GET / HTTP/1.1\r\nHost : h\r\n\r\n');
    expect(client.reply()).toMatch(/^HTTP\/1\.1 400 [^]*"status":400,"detail":"There is whitespace between a field name and its colon\."/);
  });
});

describe('/connections', () => {
  it('is filtered by what the query says, all of it', async () => {
    running = await GatewayInMemory.start();
    for (const topic of ['a', 'a', 'b']) running.connect().upgrade(`/topics/${topic}`);
    const admin = running.connectAdmin();
    const matched = (query: string) => {
      const { total, matched, connections } = JSON.parse(bodyOf(admin.request(`GET /connections?${query}`))) as { total: number; matched: number; connections: [] };
      expect(total).toBe(3);
      return [matched, connections.length];
    };
    expect(matched('')).toEqual([3, 3]);
    expect(matched('limit=2')).toEqual([3, 2]);
    expect(matched('topic=a')).toEqual([2, 2]);
    expect(matched('topic=a&state=established&protocol=websocket&peer=127.0.0.1&limit=1')).toEqual([2, 1]);
    expect(matched('topic=a&protocol=http')).toEqual([0, 0]);
    expect(matched('peer=10.0.0.1')).toEqual([0, 0]);
    expect(matched('state=draining')).toEqual([0, 0]);
  });

  it.each(['0', '-1', '1.5', 'x', '', '10001'])('limit=%s is answered 400', async (limit) => {
    running = await GatewayInMemory.start();
    const reply = running.connectAdmin().request(`GET /connections?limit=${limit}`);
    expect(statusOf(reply)).toBe(400);
    expect(bodyOf(reply)).toContain('limit is a whole number from 1 to 10000.');
  });
});

describe('the admin token', () => {
  const settings = { auth: { adminToken: 'hush' } };

  it.each(['/', '/metrics', '/connections', '/nothing'])('is needed for %s', async (path) => {
    running = await GatewayInMemory.start(settings);
    const admin = running.connectAdmin();
    const refused = admin.request(`GET ${path}`);
    expect(statusOf(refused)).toBe(401);
    expect(refused).toMatch(/^WWW-Authenticate: Bearer\r$/im);
    expect(statusOf(admin.request(`GET ${path}`, 'Authorization: Bearer other'))).toBe(401);
    expect(statusOf(admin.request(`GET ${path}?access_token=hush`))).toBe(401);
    expect(statusOf(admin.request(`GET ${path}`, 'Authorization: Bearer hush'))).toBe(path === '/nothing' ? 404 : 200);
  });

  it('is not needed by who only asks whether it lives', async () => {
    running = await GatewayInMemory.start(settings);
    const admin = running.connectAdmin();
    expect([admin.request('GET /healthz'), admin.request('GET /readyz')].map(statusOf)).toEqual([200, 200]);
  });
});

describe('the access log', () => {
  it('has no line for what is asked here', async () => {
    running = await GatewayInMemory.start();
    running.connectAdmin().request('GET /metrics');
    running.pass(1);
    expect(await running.lines()).toEqual([]);
  });
});
