import { afterEach, describe, expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { act, bodyOf, jsonOf, newest, post, statusOf } from './admin-client.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

describe('what there is', () => {
  it.each<[string, number, string]>([
    ['GET /inspection/connections', 200, '"connections":[]'],
    ['HEAD /inspection/connections', 200, ''],
    ['GET /inspection/closed', 200, '"closed":[]'],
    ['GET /inspection/charts', 200, '"id":"connector"'],
    ['GET /inspection/tree', 200, '"sessionId":"gateway"'],
    ['GET /inspection/connections?limit=0', 400, 'limit is a whole number'],
    ['GET /inspection/connections?sort=name', 400, 'sort is one of'],
    ['GET /inspection/closed?order=up', 400, 'order is one of'],
    ['GET /inspection/stream', 426, 'upgrade'],
    ['GET /inspection/stream?sample=2', 400, 'from 0 to 1'],
    ['GET /inspection/stream?id=999999', 400, 'no open connection 999999'],
    ['GET /inspection/connections/999999', 404, '/inspection/recordings/999999'],
    ['GET /inspection/connections/x', 404, 'There is no open connection x'],
    ['GET /inspection/connections/999999/events', 404, 'no open connection'],
    ['GET /inspection/recordings/999999', 404, 'Nothing is kept'],
    ['GET /inspection/charts/none', 404, 'connection, listener, connector'],
    ['GET /inspection/charts/connection?direction=up', 400, 'direction is one of'],
    ['GET /inspection/nothing', 404, 'nothing here'],
    ['GET /inspection/tree/1', 404, 'nothing here'],
    ['GET /inspection/connections/1/2/3', 404, 'nothing here'],
    ['GET /inspection/connections/1/actions', 405, 'use POST.'],
    ['HEAD /inspection/totals', 405, ''],
    ['PUT /inspection/connections', 405, 'use GET, HEAD.'],
    ['GET /inspection/session', 405, 'use POST, DELETE.'],
  ])('%s is %i', async (start, status, text) => {
    running = await GatewayInMemory.start();
    const reply = running.connectAdmin().request(start);
    expect(statusOf(reply)).toBe(status);
    expect(bodyOf(reply)).toContain(text);
    if (status >= 400) expect(reply).toContain('Content-Type: application/problem+json');
    else expect(reply).toContain('Cache-Control: no-store');
  });

  it('nothing, with inspection turned off', async () => {
    running = await GatewayInMemory.start({ inspection: { enabled: false } });
    const admin = running.connectAdmin();
    for (const path of ['/inspection/connections', '/inspector/', '/inspection/totals']) expect(statusOf(admin.request(`GET ${path}`))).toBe(404);
    running.connect().upgrade('/topics/a');
    expect(newest(running).flight).toBe(-1);
  });
});

describe('one connection', () => {
  it('is described: state, request, topics, tags, listener, what can be done', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/news?tag=a&access_token=secret', 'User-Agent: tester', 'Origin: http://memory');
    const { id } = newest(running);
    const document = jsonOf(running.connectAdmin().request(`GET /inspection/connections/${id}`));
    expect(document).toMatchObject({
      id,
      chart: 'connection',
      sessionId: `connection:${id}`,
      label: 'established(inbound.flowing outbound.clear)',
      protocol: 'websocket',
      topics: ['news'],
      clientTags: ['a'],
      request: { uri: '/topics/news?tag=a&access_token=***', userAgent: 'tester', origin: 'http://memory' },
      listener: running.gateway.listeners[0]!.actor.sessionId,
      actions: ['quench', 'throttle', 'drain', 'abort'],
    });
  });
});

describe('a recording', () => {
  it('is kept of an open connection, of a closed one, and of a listener', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/news');
    const { id } = newest(running);
    const admin = running.connectAdmin();
    const open = admin.request(`GET /inspection/recordings/${id}`);
    expect(open).toContain(`Content-Disposition: attachment; filename="connection-${id}.json"`);
    expect(jsonOf(open)).toMatchObject({ format: 'sluice.recording', actors: [{ chart: 'connection', start: 'handshake', ending: null, steps: [{ event: 'HANDSHAKE.DONE' }] }] });
    expect(statusOf(act(admin, id, { action: 'abort' }))).toBe(202);
    running.pass(1);
    expect(jsonOf(admin.request(`GET /inspection/recordings/${id}`))).toMatchObject({ actors: [{ ending: { reason: 'aborted', protocol: 'websocket' } }] });
    expect(jsonOf(admin.request('GET /inspection/closed'))).toMatchObject({ total: 1, reasons: { aborted: 1 }, closed: [{ id, reason: 'aborted', peer: '127.0.0.1' }] });
    const { sessionId } = running.gateway.listeners[0]!.actor;
    expect(jsonOf(admin.request(`GET /inspection/recordings/${sessionId}`))).toMatchObject({ actors: [{ chart: 'listener', steps: [{ event: 'BOUND' }] }] });
  });
});

describe('actions', () => {
  it('are done, and logged with who did them', async () => {
    running = await GatewayInMemory.start();
    const client = running.connect();
    client.upgrade('/topics/news');
    const { id } = newest(running);
    const admin = running.connectAdmin();
    const reply = act(admin, id, { action: 'quench' });
    expect([statusOf(reply), jsonOf(reply)]).toEqual([202, { done: true }]);
    client.sendFrame('held');
    running.pass(100);
    expect(client.frames()).toEqual([]);
    expect(newest(running).state.label).toContain('quenched');
    expect(statusOf(act(admin, id, { action: 'quench' }))).toBe(409);
    expect(statusOf(act(admin, id, { action: 'resume' }))).toBe(202);
    expect(client.messages(1)).toEqual(['held']);
    expect(statusOf(act(admin, id, { action: 'throttle', direction: 'out', bytesPerSecond: 5000 }))).toBe(202);
    expect(newest(running).throttle('out')).toBe(5000);
    expect(statusOf(act(admin, id, { action: 'drain' }))).toBe(202);
    running.pass(1);
    expect(client.frames().at(-1)?.opcode).toBe(8);
    const lines = (await running.lines()).filter(({ message }) => message === 'inspector action');
    expect(lines).toMatchObject([
      { connection: id, action: 'quench', who: 'local', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string },
      { action: 'resume' },
      { action: 'throttle', direction: 'out', bytesPerSecond: 5000 },
      { action: 'drain' },
    ]);
  });

  it('need a connection, a sound request, and a type that no form has', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/news');
    const { id } = newest(running);
    const admin = running.connectAdmin();
    const path = `/inspection/connections/${id}/actions`;
    expect(statusOf(act(admin, 999_999, { action: 'abort' }))).toBe(404);
    expect(statusOf(act(admin, id, { action: 'explode' }))).toBe(400);
    for (const type of [[], ['Content-Type: text/plain'], ['Content-Type: application/jsonp']]) expect(statusOf(post(admin, path, '{"action":"abort"}', ...type))).toBe(415);
    expect(statusOf(post(admin, path, '{"action":"throttle","direction":"in","bytesPerSecond":1}', 'Content-Type: application/json; charset=utf-8'))).toBe(202);
    expect(statusOf(post(admin, '/inspection/connections', '{}', 'Content-Type: application/json'))).toBe(405);
    expect(running.gateway.registry.size).toBe(1);
  });

  it('drain everybody who is there, and nobody who comes', async () => {
    running = await GatewayInMemory.start({ drain: { connectionsPerSecond: 10 } });
    const clients = [1, 2, 3].map(() => running.connect());
    for (const client of clients) client.upgrade('/topics/news');
    const admin = running.connectAdmin();
    const all = () => post(admin, '/inspection/actions', '{"action":"drainAll"}', 'Content-Type: application/json');
    expect(statusOf(all())).toBe(202);
    expect(statusOf(all())).toBe(409);
    const late = running.connect();
    late.upgrade('/topics/news');
    running.pass(1000);
    expect(clients.map((client) => client.frames().at(-1)?.opcode)).toEqual([8, 8, 8]);
    expect(late.frames()).toEqual([]);
    expect(statusOf(all())).toBe(202);
    expect(statusOf(post(admin, '/inspection/actions', '{"action":"none"}', 'Content-Type: application/json'))).toBe(400);
  });
});
