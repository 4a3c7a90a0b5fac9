import { describe, expect, it } from 'vitest';
import { AdminError } from '../../src/cli/inspect-admin.ts';
import { top } from '../../src/cli/top.ts';
import { AdminStub, connectTo, makeConsole, settled } from './admin-stub.ts';

const page = (id: number) => ({
  total: 1,
  matched: 1,
  offset: 0,
  atMs: 0,
  connections: [{ id, state: 'handshake', protocol: 'http', peer: 'peer:1', ageMs: 0, queuedBytes: 0, rateInBytesPerSecond: 0, rateOutBytesPerSecond: 0, topics: [], name: null }],
});

async function running(argv: readonly string[] = []) {
  const stub = new AdminStub();
  const { connect, targets } = connectTo(stub);
  stub.documents.set('inspection/connections', page(7));
  const console = makeConsole(true);
  const raw: boolean[] = [];
  Object.assign(console.stdin, { setRawMode: (mode: boolean) => raw.push(mode) });
  Object.assign(console.out, { rows: 12, columns: 60 });
  const done = top(argv, console.host, console.io, connect);
  stub.tell('history', { samples: [] });
  await settled();
  return { stub, console, done, raw, targets };
}

describe('sluice top in a pipe', () => {
  it('prints the table once', async () => {
    const stub = new AdminStub();
    stub.documents.set('inspection/connections', page(7));
    const console = makeConsole(false, { SLUICE_AUTH_ADMIN_TOKEN: 'hush' });
    const { connect, targets } = connectTo(stub);
    expect(await top(['--admin', 'http://10.0.0.1:9090', '--filter', 'topic=news', '--limit', '5'], console.host, console.io, connect)).toBe(0);
    expect(console.out.lines).toHaveLength(3);
    expect(console.out.lines[2]).toMatch(/^ +7 {2}http/);
    expect(stub.asked).toEqual(['inspection/connections?topic=news&sort=queued&order=desc&limit=5']);
    expect(targets).toMatchObject([{ token: 'hush' }]);
    expect(targets[0]!.url.origin).toBe('http://10.0.0.1:9090');
  });

  it('ends quietly with 0 when its reader has gone', async () => {
    const stub = new AdminStub();
    stub.documents.set('inspection/connections', page(7));
    const console = makeConsole(false);
    const done = top([], console.host, console.io, connectTo(stub).connect);
    console.out.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect([await done, console.errors]).toEqual([0, []]);
  });

  it('says what went wrong', async () => {
    const console = makeConsole(false);
    expect(await top([], console.host, console.io, () => new AdminStub())).toBe(1);
    expect(console.errors).toEqual(['sluice: nothing at inspection/connections?sort=queued&order=desc&limit=100\n']);
  });

  it.each([
    [['--sort', 'name'], '--sort'],
    [['--limit', '0'], '--limit'],
    [['--admin', 'ftp://x'], '--admin'],
    [['extra'], 'extra'],
    [['--nothing'], '--nothing'],
    [['--ca', 'none.pem'], '--ca'],
  ])('%j is refused', async (argv, where) => {
    const console = makeConsole(false);
    expect(await top(argv, console.host, console.io, () => expect.unreachable())).toBe(2);
    expect(console.errors.join('')).toContain(where);
  });
});

describe('sluice top on a terminal', () => {
  it('ends when the terminal has gone', async () => {
    const { console, done, raw } = await running();
    console.out.destroy(Object.assign(new Error('write EIO'), { code: 'EIO' }));
    expect([await done, raw]).toEqual([0, [true, false]]);
  });

  it('draws anew with each sample, sorts by keys, and leaves the terminal as it was', async () => {
    const { stub, console, done, raw } = await running();
    expect(console.out.text).toContain('\u001b[?1049h');
    expect(console.out.text).toContain('1 open');
    stub.documents.set('inspection/connections', page(8));
    stub.tell('sample', { atMs: 1000, byPhase: { handshake: 1 } });
    await settled();
    expect(console.out.text).toMatch(/ 8 {2}http/);
    console.stdin.write('u');
    await settled();
    await settled();
    // What fits: twelve rows, less the summary, a gap and the head.
    expect(stub.asked.at(-1)).toBe('inspection/connections?sort=queued&order=desc&limit=9');
    console.stdin.write('q');
    expect(await done).toBe(0);
    expect(console.out.text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(raw).toEqual([true, false]);
    expect(console.out.listenerCount('resize') + console.stdin.listenerCount('data')).toBe(0);
  });

  it('draws anew when the terminal changes its size, no wider than it is', async () => {
    const { console, done } = await running();
    const before = console.out.text.length;
    Object.assign(console.out, { columns: 20 });
    console.out.emit('resize');
    // oxlint-disable-next-line no-control-regex
    const lines = console.out.text.slice(before).replaceAll(/\u001b\[[HKJ]/g, '').split('\r\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(20);
    console.interrupt();
    expect(await done).toBe(0);
  });

  it('ends with 1 when the gateway is gone, the terminal as it was', async () => {
    const { stub, console, done } = await running();
    stub.endStream(new AdminError('the connection broke'));
    expect(await done).toBe(1);
    expect(console.errors).toEqual(['sluice: the connection broke\n']);
    expect(console.out.text.endsWith('\u001b[?1049l')).toBe(true);
  });

  it('draws nothing any more once it is over, whatever still comes', async () => {
    const { stub, console, done } = await running();
    stub.tell('sample', { atMs: 1000, byPhase: {} });
    console.stdin.write('\u0003');
    expect(await done).toBe(0);
    await settled();
    expect(console.out.text.endsWith('\u001b[?1049l')).toBe(true);
  });
});
