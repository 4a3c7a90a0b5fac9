// What the secure transport adds to the one underneath, and real peers: node:tls and openssl, over real sockets.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Brigade, Pool } from '@sluice/brigade';
import type { Listener } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { secureTransport, TlsClientContexts, TlsContexts, type TlsServerOptions, type TlsTransport } from '../src/index.ts';
import { Certificates } from './certificates.ts';
import { forms } from './forms.ts';
import { Owner } from './secure-pair.ts';
import { untilNode } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/O=Sluice/CN=localhost', names: 'DNS:localhost,IP:127.0.0.1' });
const member = certificates.make({ subject: '/O=Sluice/CN=member' });
const stranger = certificates.make({ subject: '/CN=stranger', selfSigned: true });
const ca = certificates.root.certificate;
const caFile = certificates.file('ca.pem', ca);
const nowhere = { onAccept() {}, onError() {}, onClose() {} };

class Echo extends Owner {
  readonly pool: Pool;

  constructor(endpoint: Owner['endpoint'], pool: Pool) {
    super(endpoint);
    this.pool = pool;
  }

  override onBytes(bytes: Uint8Array, start: number, end: number): void {
    const answer = new Brigade(this.pool);
    answer.write(bytes, start, end);
    super.onBytes(bytes, start, end);
    this.endpoint.write(answer);
    if (this.endpoint.queuedBytes > 200_000) this.endpoint.setReading(false);
  }

  override onProgress(): void {
    if (this.endpoint.queuedBytes === 0) this.endpoint.setReading(true);
  }

  override onEnd(): void {
    super.onEnd();
    this.endpoint.shutdown();
  }
}

/** An echo server on a free port, and everything to be given back. */
class Stage {
  readonly pool = new Pool('sockets');
  readonly owners: Echo[] = [];
  readonly transport: TlsTransport;
  #listener: Listener | null = null;
  #closed = false;

  constructor(server: TlsServerOptions) {
    this.transport = secureTransport(createNodeTransport({ pool: this.pool }), {
      server: new TlsContexts(server),
      client: new TlsClientContexts({ ca }),
      pool: this.pool,
    });
  }

  async listen(): Promise<number> {
    this.#listener = await this.transport.listen(
      { host: '127.0.0.1', port: 0 },
      {
        onAccept: (endpoint) => this.owners.push(new Echo(endpoint, this.pool)),
        onError: (error) => expect.unreachable(error.message),
        onClose: () => {
          this.#closed = true;
        },
      },
    );
    return this.#listener.address.port;
  }

  /** Everything has to be over by then, or become so. */
  async strike(): Promise<void> {
    this.#listener?.close();
    for (const owner of this.owners) if (owner.closed === undefined) owner.endpoint.close();
    expect(await untilNode(() => this.owners.every((owner) => owner.closed !== undefined) && (this.#listener === null || this.#closed))).toBe(true);
    expect(await untilNode(() => this.pool.outstanding().bytes === 0)).toBe(true);
    expect(this.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(await untilNode(() => socketsOpen() === 0), 'no socket stays open').toBe(true);
  }
}

function socketsOpen(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

async function connectNode(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** All that comes until the end. */
async function readAll(socket: TLSSocket): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('latin1');
}

describe.each(forms)('%s:', (form) => {
  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: peers of node:tls', (version) => {
    const versions = { minVersion: version, maxVersion: version };

    it('a client is served, asked for its certificate, and resumes its session', async () => {
      const stage = new Stage({ form, certificates: [identity], ca, clientCertificate: 'request', alpn: ['echo'], ...versions });
      const port = await stage.listen();
      let session: Buffer | undefined;
      for (const reused of [false, true]) {
        const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', cert: member.certificate, key: member.key, ALPNProtocols: ['echo'], session });
        socket.on('session', (kept) => {
          session = kept;
        });
        await once(socket, 'secureConnect');
        expect([socket.alpnProtocol, socket.isSessionReused()]).toEqual(['echo', reused]);
        socket.end('said and echoed');
        expect(await readAll(socket)).toBe('said and echoed');
      }
      expect(await untilNode(() => stage.owners.every((owner) => owner.closed === null))).toBe(true);
      expect(stage.owners.map((owner) => owner.endpoint.secureSession)).toMatchObject([
        { protocol: version, alpn: 'echo', serverName: 'localhost', resumed: false, peerCertificate: { subject: 'O=Sluice, CN=member', authorized: true } },
        { protocol: version, alpn: 'echo', serverName: version === 'TLSv1.2' ? null : 'localhost', resumed: true, peerCertificate: { subject: 'O=Sluice, CN=member', authorized: true } },
      ]);
      await stage.strike();
    });

    it('a client gets megabytes back', async () => {
      const stage = new Stage({ form, certificates: [identity], ...versions });
      const socket = await connectNode(await stage.listen());
      const sent = Buffer.alloc(3 << 20, 'all of these bytes, in this order; ');
      socket.end(sent);
      expect((await readAll(socket)) === sent.toString('latin1')).toBe(true);
      await stage.strike();
    });

    it('a client that is cut off without goodbye is truncated', async () => {
      const stage = new Stage({ form, certificates: [identity], ...versions });
      const socket = await connectNode(await stage.listen());
      socket.write('before');
      await once(socket, 'data');
      socket.destroy();
      expect(await untilNode(() => stage.owners[0].closed !== undefined)).toBe(true);
      expect(stage.owners[0].closed).toMatchObject({ operation: 'read', kind: 'truncated' });
      expect(stage.owners[0].text).toBe('before');
      await stage.strike();
    });

    it('a server is visited', async () => {
      const stage = new Stage({ form, certificates: [identity] });
      const server = createServer({ cert: identity.certificate, key: identity.key, ...versions }, (socket) => socket.pipe(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const endpoint = await stage.transport.connect({ host: '127.0.0.1', port, serverName: 'localhost' });
      expect(endpoint.state).toBe('handshaking');
      const owner = new Owner(endpoint);
      owner.write('there and back', stage.pool);
      endpoint.shutdown();
      expect(await untilNode(() => owner.closed !== undefined)).toBe(true);
      expect(owner.closed).toBe(null);
      expect(owner.text).toBe('there and back');
      expect(owner.endpoint.secureSession).toMatchObject({ protocol: version, peerCertificate: { subject: 'O=Sluice, CN=localhost', authorized: true } });
      server.close();
      await stage.strike();
    });
  });

  describe.each(['tls1_2', 'tls1_3'])('openssl s_client -%s', (version) => {
    function sClient(port: number, ...args: string[]): ChildProcess & { text: () => string } {
      const common = ['s_client', '-connect', `127.0.0.1:${port}`, `-${version}`, '-servername', 'localhost', '-verify_return_error'];
      const child = spawn('openssl', [...common, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
      let text = '';
      child.stdout.on('data', (bytes) => (text += String(bytes)));
      child.stderr.on('data', (bytes) => (text += String(bytes)));
      return Object.assign(child, { text: () => text });
    }

    it('is echoed to, says goodbye and is answered', async () => {
      const stage = new Stage({ form, certificates: [identity], alpn: ['echo'] });
      const client = sClient(await stage.listen(), '-CAfile', caFile, '-alpn', 'echo');
      client.stdin?.write('hello from openssl\n');
      expect(await untilNode(() => client.text().includes('\nhello from openssl\n')), client.text()).toBe(true);
      expect(client.text()).toContain('Verify return code: 0 (ok)');
      expect(client.text()).toContain('ALPN protocol: echo');
      client.stdin?.write('Q\n');
      await once(client, 'exit');
      expect(await untilNode(() => stage.owners[0].closed !== undefined)).toBe(true);
      expect(stage.owners[0].events).toEqual(['secure', 'bytes', 'end', 'close']);
      expect(stage.owners[0].closed).toBe(null);
      await stage.strike();
    });

    it.runIf(version === 'tls1_3')('changes its keys and asks us to change ours', async () => {
      const stage = new Stage({ form, certificates: [identity] });
      const client = sClient(await stage.listen(), '-CAfile', caFile);
      for (const text of ['before', 'between', 'after']) {
        client.stdin?.write(`${text}\n`);
        expect(await untilNode(() => client.text().includes(`\n${text}\n`)), client.text()).toBe(true);
        client.stdin?.write('K\n');
        expect(await untilNode(() => client.text().split('KEYUPDATE').length > ['before', 'between', 'after'].indexOf(text) + 1)).toBe(true);
      }
      client.stdin?.write('Q\n');
      await once(client, 'exit');
      expect(await untilNode(() => stage.owners[0].closed !== undefined)).toBe(true);
      expect([stage.owners[0].closed, stage.owners[0].text]).toEqual([null, 'before\nbetween\nafter\n']);
      await stage.strike();
    });

    it('that does not trust us says so in an alert', async () => {
      const stage = new Stage({ form, certificates: [identity] });
      const client = sClient(await stage.listen(), '-CAfile', certificates.file('other.pem', stranger.certificate));
      await once(client, 'exit');
      expect(await untilNode(() => stage.owners[0]?.closed !== undefined)).toBe(true);
      expect(stage.owners[0].closed).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' });
      expect(stage.owners[0].events).toEqual(['close']);
      await stage.strike();
    });

    it('resumes its session', async () => {
      const stage = new Stage({ form, certificates: [identity] });
      const port = await stage.listen();
      const session = `${certificates.directory}/session-${version}.pem`;
      for (const argument of ['-sess_out', '-sess_in']) {
        const client = sClient(port, '-CAfile', caFile, argument, session);
        client.stdin?.write('once more\n');
        expect(await untilNode(() => client.text().includes('\nonce more\n')), client.text()).toBe(true);
        client.stdin?.write('Q\n');
        await once(client, 'exit');
      }
      expect(stage.owners.map((owner) => owner.endpoint.secureSession?.resumed)).toEqual([false, true]);
      await stage.strike();
    });
  });
});

describe('secureTransport', () => {
  it('says what it is, and needs contexts for what it is asked to do', async () => {
    const transport = secureTransport(new MemoryNetwork({ seed: 1 }).transport, {});
    expect(transport.name).toBe('tls over memory');
    await expect(transport.listen({ host: 'memory', port: 0 }, nowhere)).rejects.toThrow('server contexts');
    await expect(transport.connect({ host: 'memory', port: 1 })).rejects.toThrow('client contexts');
  });
});
