// Line 7: connections that something else accepted.

import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { createServer as createSecureServer, connect as connectSecure } from 'node:tls';
import { Brigade, Pool } from '@sluice/brigade';
import { TransportError } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport, type NodeTransport } from '@sluice/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrivenConnection } from '../../support/driven-connection.ts';
import { handshakeFor } from '../../support/raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../../support/running-gateway.ts';
import { ScriptedEndpoint } from '../../support/scripted-endpoint.ts';
import { testAuthority } from '../../support/secure.ts';
import { RecordingHandler, plainSocket } from '../../support/socket-server.ts';
import { SocketPeer } from '../../support/socket-peer.ts';
import { frame, framesOf, opcodes } from '../../support/websocket-wire.ts';

const text = (payload: string): Buffer => frame({ opcode: opcodes.text, payload });

let running: RunningGateway;
let transport: NodeTransport;
let transportPool: Pool;
let server: Server | HttpServer | null = null;
beforeEach(async () => {
  transportPool = new Pool('transport');
  transport = createNodeTransport({ pool: transportPool, overloadShare: 1 });
  running = await runGateway({ config: { http: [], admin: 'off', limits: { maxConnections: 2 } }, transport });
});
afterEach(async () => {
  await running.stop();
  server?.close();
  server = null;
  const { registry, pool } = running.gateway;
  await eventually('nothing is held', () => registry.size === 0 && pool.outstanding().bytes === 0 && transportPool.outstanding().bytes === 0);
});

async function listening(made: Server | HttpServer): Promise<number> {
  server = made;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a client says before anybody looks: a handshake, a whole message, and the beginning of another. */
const said = Buffer.concat([Buffer.from(handshakeFor('/echo'), 'latin1'), text('before'), text('across').subarray(0, 7)]);
const rest = text('across').subarray(7);

/** The client is answered as if it had come to a listener of the gateway. */
async function expectEchoes(peer: SocketPeer): Promise<void> {
  peer.send(Buffer.concat([rest, text('after')]));
  await eventually('the echoes', () => peer.messages.length === 3);
  expect(peer.texts).toEqual(['before', 'across', 'after']);
  peer.endpoint.abort();
}

/** Reads so many bytes of a socket, and leaves the rest in it. */
async function readFirst(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const read = socket.read(count) as Buffer | null;
    if (read !== null) return read;
    await once(socket, 'readable');
  }
}

describe('7. adoption: adopt(endpoint, leftover?), the leftover is read first', () => {
  // In the middle of the request, at its end, in the middle of a message.
  const cuts = [10, said.length - text('before').length - 7, said.length];

  it.each(cuts)('takes a socket accepted elsewhere, of which %i bytes were read', async (cut) => {
    const port = await listening(
      createServer({ pauseOnConnect: true }, (socket) => {
        void readFirst(socket, cut).then((read) => running.gateway.adopt(transport.adopt(socket), read));
      }),
    );
    const peer = new SocketPeer(await createNodeTransport().connect({ host: '127.0.0.1', port }));
    peer.send(said);
    await expectEchoes(peer);
  });

  it.each(cuts)('takes a TLS socket, of which %i bytes were read', async (cut) => {
    const { server: identity } = await testAuthority();
    const port = await listening(
      createSecureServer({ cert: identity.certificate, key: identity.key }, (socket) => {
        void readFirst(socket, cut).then((read) => running.gateway.adopt(transport.adopt(socket, read)));
      }),
    );
    const socket = connectSecure({ host: '127.0.0.1', port, servername: 'localhost' });
    await once(socket, 'secureConnect');
    const peer = new SocketPeer(createNodeTransport().adopt(socket));
    peer.send(said);
    await eventually('the connection', () => running.gateway.registry.size === 1);
    const [connection] = running.gateway.registry.all();
    expect(connection!.endpoint.secureSession?.protocol).toBe('TLSv1.3');
    await expectEchoes(peer);
  });

  it.each(cuts)('takes a connection of another transport, of which %i bytes were read', async (cut) => {
    const network = new MemoryNetwork({ seed: 1 });
    const listener = network.listen(
      { host: 'memory', port: 0 },
      { onAccept: (endpoint) => running.gateway.adopt(endpoint, said.subarray(0, cut)), onError() {}, onClose() {} },
    );
    let peer: SocketPeer | null = null;
    network.connect(listener.address, {
      onConnect: (endpoint) => void (peer = new SocketPeer(endpoint)),
      onFailure(error) {
        throw error;
      },
    });
    network.run(() => peer !== null);
    peer!.send(said.subarray(cut));
    peer!.send(Buffer.concat([rest, text('after')]));
    // Turns end on Node's event loop, bytes move in memory.
    await eventually('the echoes', () => (network.run(), peer!.messages.length === 3));
    expect(peer!.texts).toEqual(['before', 'across', 'after']);
    peer!.endpoint.abort();
    listener.close();
    await eventually('the end', () => (network.run(), running.gateway.registry.size === 0));
  });

  it.each(cuts)('takes a fake endpoint, of which %i bytes were read', async (cut) => {
    const endpoint = new ScriptedEndpoint();
    running.gateway.adopt(endpoint, said.subarray(0, cut));
    if (cut < said.length) endpoint.arrive(said.subarray(cut));
    endpoint.arrive(rest);
    await eventually('the echoes', () => endpoint.sent.includes('across'));
    const [head = '', frames = ''] = endpoint.sent.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(framesOf(frames).map(({ payload }) => payload.toString())).toEqual(['before', 'across']);
    endpoint.gone();
  });

  it("takes a running node:http server's upgrades, and leaves its requests alone", async () => {
    const http = createHttpServer((_request, response) => response.end('a page'));
    http.on('upgrade', (request, socket, head) => void running.gateway.adoptUpgrade(request, socket, head));
    const port = await listening(http);
    const peer = new SocketPeer(await createNodeTransport().connect({ host: '127.0.0.1', port }));
    peer.send(said);
    await expectEchoes(peer);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('a page');
  });
});

describe('7. adoption: failure closes it', () => {
  it.each([
    ['is not connected', () => new Socket()],
    ['is destroyed', () => new Socket().destroy()],
    ['gives text', () => new Socket().setEncoding('utf8')],
  ])('a socket that %s', (_what, make) => {
    const socket = make();
    expect(() => transport.adopt(socket)).toThrow(TransportError);
    expect(socket.destroyed).toBe(true);
  });

  it('a connection whose session cannot begin', () => {
    const handler = new RecordingHandler();
    handler.whenOpen = () => {
      throw new Error('not today');
    };
    const { endpoint, crashes, closes, turn, over } = new DrivenConnection({ session: (pool) => plainSocket(pool, handler), leftover: text('hello') });
    turn();
    expect([crashes, handler.seen, endpoint.isShutdown]).toEqual([[new Error('not today')], [], true]);
    expect(framesOf(endpoint.sent).map(({ payload }) => payload.readUInt16BE(0))).toEqual([1011]);
    endpoint.end();
    turn();
    expect([endpoint.closedBy, closes]).toEqual(['close', ['internalError']]);
    expect(over()).toEqual({ bytes: 0, deadlines: 0 });
  });

  it('one whose leftover is not the protocol, and one there is no room for, are told and closed', async () => {
    const refused = async (leftover: string): Promise<string> => {
      const endpoint = new ScriptedEndpoint();
      running.gateway.adopt(endpoint, Buffer.from(leftover, 'latin1'));
      await eventually('FIN', () => endpoint.isShutdown);
      endpoint.end();
      await eventually('the end', () => endpoint.closedBy !== null);
      endpoint.gone();
      return endpoint.sent.slice(0, 12);
    };
    expect(await refused('\x16\x03\x01')).toBe('HTTP/1.1 400');
    const held = [new ScriptedEndpoint(), new ScriptedEndpoint()];
    for (const endpoint of held) running.gateway.adopt(endpoint);
    expect(await refused(handshakeFor('/echo'))).toBe('HTTP/1.1 503');
    for (const endpoint of held) endpoint.gone();
  });

  it('everyone, once the gateway is stopped', async () => {
    await running.stop();
    const endpoint = new ScriptedEndpoint();
    running.gateway.adopt(endpoint, Buffer.from(handshakeFor('/echo'), 'latin1'));
    expect([endpoint.closedBy, endpoint.sent]).toEqual(['close', '']);
    // A brigade that comes too late is released.
    const pool = new Pool('late');
    const late = new Brigade(pool);
    late.writeLatin1('late');
    endpoint.write(late);
    expect(pool.outstanding().bytes).toBe(0);
  });
});

describe('7. an opaque handle comes back with every call', () => {
  it('to the owner of connections, and to the handler of sockets', () => {
    const account = { name: 'seven' };
    const handler = new RecordingHandler();
    const seen: unknown[] = [];
    const note = (): boolean => seen.push(handler.socket.connection.userData) > 0;
    handler.whenOpen = note;
    handler.goesOn = note;
    handler.whenWritable = note;
    const { connection, endpoint, handles, crashes, closes, turn } = new DrivenConnection({
      session: (pool) => plainSocket(pool, handler),
      userData: account,
      leftover: text('first'),
    });
    connection.established();
    endpoint.capacity = 0;
    handler.socket.send(2, Buffer.alloc(20_000));
    turn();
    endpoint.take(Infinity);
    connection.crash(new Error('for the owner'));
    turn();
    connection.abort();
    expect([crashes.length, closes.length]).toEqual([1, 1]);
    expect(seen).toEqual([account, account, account]);
    expect(handles.length).toBeGreaterThan(4);
    expect(handles.every((handle) => handle === account)).toBe(true);
  });
});
