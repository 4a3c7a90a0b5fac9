import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);
const statusOf = (reply: string): number => Number(reply.slice(9, 12));
const jsonOf = (reply: string): Record<string, unknown> => JSON.parse(bodyOf(reply)) as Record<string, unknown>;
const post = (client: MemoryClient, path: string, document: unknown, ...fields: string[]): string => {
  const body = JSON.stringify(document);
  client.send([`POST ${path} HTTP/1.1`, 'Host: memory', 'Content-Type: application/json', `Content-Length: ${body.length}`, ...fields, '', body].join('\r\n'));
  return client.reply();
};
/** The newest connection. */
const newest = () => [...running.gateway.registry.all()].at(-1)!;

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
    ['GET /inspection/connections/1/actions', 405, 'POST are'],
    ['HEAD /inspection/totals', 405, ''],
    ['PUT /inspection/connections', 405, 'GET, HEAD are'],
    ['GET /inspection/session', 405, 'POST, DELETE are'],
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
    expect(newest().flight).toBe(-1);
  });
});

describe('one connection', () => {
  it('is described: state, request, topics, tags, listener, what can be done', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/news?tag=a&access_token=secret', 'User-Agent: tester', 'Origin: http://memory');
    const { id } = newest();
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
    const { id } = newest();
    const admin = running.connectAdmin();
    const open = admin.request(`GET /inspection/recordings/${id}`);
    expect(open).toContain(`Content-Disposition: attachment; filename="connection-${id}.json"`);
    expect(jsonOf(open)).toMatchObject({ format: 'sluice.recording', actors: [{ chart: 'connection', start: 'handshake', ending: null, steps: [{ event: 'HANDSHAKE.DONE' }] }] });
    expect(statusOf(post(admin, `/inspection/connections/${id}/actions`, { action: 'abort' }))).toBe(202);
    running.pass(1);
    expect(jsonOf(admin.request(`GET /inspection/recordings/${id}`))).toMatchObject({ actors: [{ ending: { reason: 'aborted', protocol: 'websocket' } }] });
    expect(jsonOf(admin.request('GET /inspection/closed'))).toMatchObject({ total: 1, reasons: { aborted: 1 }, closed: [{ id, reason: 'aborted', peer: '127.0.0.1' }] });
    const { sessionId } = running.gateway.listeners[0]!.actor;
    expect(jsonOf(admin.request(`GET /inspection/recordings/${sessionId}`))).toMatchObject({ actors: [{ chart: 'listener', steps: [{ event: 'BOUND' }] }] });
  });
});
