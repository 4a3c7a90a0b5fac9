import { describe, expect, it } from 'vitest';
import { openMany, openWebSocket, RawConnection } from '../../src/load/connection.ts';
import { serveHttp, serveWebSockets } from './server.ts';

/** Lets go without the error that an unexpected end would be. */
function hangUp({ socket }: RawConnection): void {
  socket.removeAllListeners('close').on('error', () => undefined);
  socket.destroy();
}

describe('raw connections', () => {
  it('ask for an upgrade and then carry bytes', async () => {
    const { target } = await serveWebSockets((socket) => socket.send('ok'));
    const connection = await openWebSocket(target, '/x');
    const arrived = new Promise<string>((done) => {
      connection.onBytes = (bytes, length) => done(bytes.toString('hex', 0, length));
    });
    connection.socket.write(Buffer.from('818000000000', 'hex'));
    expect(await arrived).toBe('82026f6b'.replace(/^82/, '81'));
    hangUp(connection);
  });

  it('say what they got instead of an upgrade', async () => {
    const target = await serveHttp((_, response) => response.writeHead(404).end());
    const connection = await RawConnection.open(target);
    await expect(connection.upgrade('/x')).rejects.toThrow('no upgrade: HTTP/1.1 404 Not Found');
    hangUp(connection);
  });

  it('answer a head, and how much came after it', async () => {
    const target = await serveHttp((_, response) => response.setHeader('content-length', 4).end('body'));
    const connection = await RawConnection.open(target);
    const { head, extraBytes } = await connection.request('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect([0, 4]).toContain(extraBytes);
    hangUp(connection);
  });

  it('reject when nobody listens', async () => {
    await expect(RawConnection.open({ port: 1, localAddress: '127.0.0.1' })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('opening many', () => {
  it('opens as many as asked for, never too many at once', async () => {
    let open = 0;
    let most = 0;
    const opened = await openMany(150, async () => {
      most = Math.max(most, ++open);
      await new Promise((done) => setImmediate(done));
      return open--;
    });
    expect(opened).toHaveLength(150);
    expect(most).toBe(64);
  });
});
