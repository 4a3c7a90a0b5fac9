import { describe, expect, it } from 'vitest';
import { AdminError } from '../../src/cli/inspect-admin.ts';
import { inspect } from '../../src/cli/inspect.ts';
import { AdminStub, connectTo, makeConsole, settled } from './admin-stub.ts';

const document = {
  sessionId: 'connection:7',
  protocol: 'websocket',
  peer: { host: '10.0.0.1', port: 5 },
  request: { uri: '/topics/a', userAgent: 'evil\u001b[2J' },
  topics: ['a'],
  clientTags: ['t'],
  name: null,
  nextEvents: ['DRAIN'],
};

async function running() {
  const stub = new AdminStub();
  stub.documents.set('inspection/connections/7', document);
  const console = makeConsole(false);
  const done = inspect(['7'], console.host, console.io, connectTo(stub).connect);
  await settled();
  return { stub, console, done };
}

describe('sluice inspect', () => {
  it('introduces the connection, then prints what happens until it closes', async () => {
    const { stub, console, done } = await running();
    expect(console.out.lines).toEqual([
      'connection:7  websocket  10.0.0.1 port 5  in the clear',
      '  request   /topics/a',
      '  agent     evil\ufffd[2J',
      '  topics    a',
      '  tags      t',
      '  may come  DRAIN',
      '',
    ]);
    stub.tell('closed', { reason: 'served' });
    stub.endStream();
    expect(await done).toBe(0);
    expect(console.out.lines.at(-1)?.trim()).toBe('closed: served');
    expect(stub.asked).toEqual(['inspection/connections/7', 'inspection/connections/7/events']);
  });

  it('shows the proxy of a client that came through one, and no port that is not known', async () => {
    const stub = new AdminStub();
    stub.documents.set('inspection/connections/7', { ...document, peer: { host: '203.0.113.9', port: 0 }, via: '10.0.0.1' });
    const console = makeConsole(false);
    const done = inspect(['7'], console.host, console.io, connectTo(stub).connect);
    await settled();
    expect(console.out.lines.slice(0, 2)).toEqual(['connection:7  websocket  203.0.113.9  in the clear', '  proxy     10.0.0.1']);
    stub.endStream();
    await done;
  });

  it('obeys nothing that the other side has written', async () => {
    const { stub, console, done } = await running();
    stub.tell('inspection', { type: '@xstate.snapshot', sessionId: 'connection:7', createdAt: '0', event: { type: 'A' }, snapshot: { value: 'a\u001b[2J', status: 'active' } });
    stub.endStream();
    await done;
    expect(console.out.lines.at(-1)).toContain('a\ufffd[2J');
  });

  it('ends in order when it is interrupted', async () => {
    const { console, done } = await running();
    console.interrupt();
    expect([await done, console.errors]).toEqual([0, []]);
  });

  it('ends with 1 when the gateway breaks off, or knows no such connection', async () => {
    const { stub, console, done } = await running();
    stub.endStream(new AdminError('the connection broke'));
    expect([await done, console.errors]).toEqual([1, ['sluice: the connection broke\n']]);
    const other = makeConsole(false);
    expect(await inspect(['8'], other.host, other.io, () => stub)).toBe(1);
  });

  it.each([[[]], [['x']], [['7', '8']], [['--token']]])('%j is refused', async (argv) => {
    const console = makeConsole(false);
    expect(await inspect(argv, console.host, console.io, () => expect.unreachable())).toBe(2);
    expect(console.errors).toHaveLength(1);
  });
});
