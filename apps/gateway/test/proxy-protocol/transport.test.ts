// The compliance suite over connections that begin with a PROXY header, and what becomes of those without.

import { Brigade, Pool, type FileSource } from '@sluice/brigade';
import { TimingWheel, VirtualClock } from '@sluice/timing';
import type { ConnectOptions, Endpoint, EndpointSink, ListenOptions, ListenerSink, PeerAddress, Transport } from '@sluice/transport';
import { checkTransport, type TransportSetUp } from '@sluice/transport/compliance';
import { MemoryNetwork, type MemoryNetworkOptions } from '@sluice/transport-memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proxyProtocolTransport, type ProxyProtocolOptions } from '../../src/proxy-protocol/transport.ts';
import { endOfTurn } from '../log/lines.ts';
import { localHeader, textHeader } from './headers.ts';

/** Sends the header of a proxy's own connection in front, and counts it for nothing. */
class HeaderFirst implements Endpoint {
  readonly #inner: Endpoint;

  constructor(inner: Endpoint, pool: Pool) {
    this.#inner = inner;
    this.pool = pool;
  }
  readonly pool: Pool;
  get peer(): PeerAddress {
    return this.#inner.peer;
  }
  get local(): PeerAddress {
    return this.#inner.local;
  }
  get queuedBytes(): number {
    return Math.max(0, this.#inner.queuedBytes - Math.max(0, localHeader.length - this.#inner.bytesOut));
  }
  get bytesIn(): number {
    return this.#inner.bytesIn;
  }
  get bytesOut(): number {
    return Math.max(0, this.#inner.bytesOut - localHeader.length);
  }
  attach(sink: EndpointSink): void {
    this.#inner.attach(sink);
    const header = new Brigade(this.pool);
    header.write(localHeader, 0, localHeader.length);
    this.#inner.write(header);
  }
  setReading(wanted: boolean): void {
    this.#inner.setReading(wanted);
  }
  write(brigade: Brigade): void {
    this.#inner.write(brigade);
  }
  shutdown(): void {
    this.#inner.shutdown();
  }
  close(): void {
    this.#inner.close();
  }
  abort(): void {
    this.#inner.abort();
  }
}

function memoryFile(bytes: Uint8Array): FileSource {
  return {
    fd: -1,
    readSync(into, start, length, position) {
      const piece = bytes.subarray(position, position + length);
      into.set(piece, start);
      return piece.length;
    },
    close() {},
  };
}

const optionsOf = (clock: VirtualClock, more: Partial<ProxyProtocolOptions> = {}): ProxyProtocolOptions => ({
  clock,
  wheel: new TimingWheel({ startMs: clock.now() }),
  headerTimeoutMs: 1000,
  isTrusted: () => true,
  onRefused: () => {},
  ...more,
});

function setUp(name: string, options: MemoryNetworkOptions): TransportSetUp {
  return {
    name,
    host: 'memory',
    ipv6Host: '::1',
    foreignHost: '192.0.2.1',
    unknownHost: 'nowhere.invalid',
    platformBufferBytes: (options.pipeBytes ?? 64 * 1024) + 64 * 1024,
    adopts: false,
    failsAccepts: true,
    cancels: true,
    open() {
      const network = new MemoryNetwork(options);
      const listening = proxyProtocolTransport(network.transport, optionsOf(network.clock));
      const transport: Transport = {
        name: listening.name,
        listen: (listenOptions: ListenOptions, sink: ListenerSink) => listening.listen(listenOptions, sink),
        connect: async (connectOptions: ConnectOptions) => new HeaderFirst(await listening.connect(connectOptions), network.pool),
      };
      return {
        transport,
        until: (condition) => network.until(condition, endOfTurn),
        settle: async () => void (await network.until(() => false, endOfTurn)),
        openFile: memoryFile,
        pools: [network.pool],
        failNextAccept: () => network.failAccepts(1),
        close: () => network.pool.destroy(),
      };
    },
  };
}

checkTransport({ describe, it, expect }, setUp('PROXY protocol over memory', { seed: 1 }));

describe('a listener with the PROXY protocol', () => {
  const pool = new Pool('clients');
  let network: MemoryNetwork;
  let wheel: TimingWheel;
  let accepted: Endpoint[];
  let refused: string[];
  let received: string;
  let address: PeerAddress;
  let stop: () => void;

  const listen = async (more: Partial<ProxyProtocolOptions> = {}, isReading = true): Promise<void> => {
    const options = optionsOf(network.clock, { onRefused: ({ host }, why) => refused.push(`${host}: ${why}`), ...more });
    wheel = options.wheel;
    const sink: EndpointSink = {
      onBytes: (bytes, start, end) => (received += Buffer.from(bytes.subarray(start, end)).toString()),
      onEnd: () => (received += '$'),
      onProgress() {},
      onClose() {},
    };
    const onAccept = (endpoint: Endpoint): void => {
      accepted.push(endpoint);
      endpoint.attach(sink);
      endpoint.setReading(isReading);
    };
    const opened = proxyProtocolTransport(network.transport, options).listen({ host: '127.0.0.1', port: 0 }, { onAccept, onError() {}, onClose() {} });
    let listener: Awaited<typeof opened> | null = null;
    void opened.then((value) => (listener = value));
    await network.until(() => listener !== null);
    address = listener!.address;
    stop = () => listener!.close();
  };
  const connect = async (): Promise<{ endpoint: Endpoint; send: (bytes: Uint8Array) => void; isClosed: () => boolean }> => {
    const state = { isClosed: false };
    let endpoint: Endpoint | null = null;
    network.connect(address, { onConnect: (connected) => (endpoint = connected), onFailure: (error) => expect.unreachable(error.message) });
    await network.until(() => endpoint !== null);
    endpoint!.attach({ onBytes() {}, onEnd: () => endpoint!.shutdown(), onProgress() {}, onClose: () => (state.isClosed = true) });
    endpoint!.setReading(true);
    const send = (bytes: Uint8Array): void => {
      const brigade = new Brigade(pool);
      brigade.write(bytes, 0, bytes.length);
      endpoint!.write(brigade);
    };
    return { endpoint: endpoint!, send, isClosed: () => state.isClosed };
  };
  const settle = async (): Promise<void> => {
    await network.until(() => false);
    await endOfTurn();
    await network.until(() => false);
  };

  beforeEach(() => {
    network = new MemoryNetwork({ seed: 1 });
    accepted = [];
    refused = [];
    received = '';
  });
  afterEach(() => stop());

  it('hands a connection out as that of the client, with what followed the header', async () => {
    await listen();
    const client = await connect();
    client.send(Buffer.concat([textHeader('PROXY TCP4 203.0.113.9 198.51.100.1 51000 443'), Buffer.from('hello')]));
    client.endpoint.shutdown();
    await settle();
    expect(accepted[0]).toMatchObject({ peer: { host: '203.0.113.9', port: 51_000 }, via: { host: '127.0.0.1' }, bytesIn: 5 });
    expect([received, refused, wheel.size]).toEqual(['hello$', [], 0]);
  });

  it('holds what followed the header until somebody reads', async () => {
    await listen({}, false);
    const client = await connect();
    client.send(Buffer.concat([textHeader('PROXY UNKNOWN'), Buffer.from('hello')]));
    await settle();
    expect([received, accepted[0]!.bytesIn, accepted[0]!.via]).toEqual(['', 0, undefined]);
    client.send(Buffer.from(' there'));
    accepted[0]!.setReading(true);
    await settle();
    expect([received, accepted[0]!.bytesIn]).toEqual(['hello there', 11]);
  });

  it('closes who is not trusted, before anything is read', async () => {
    await listen({ isTrusted: () => false });
    const client = await connect();
    client.send(localHeader);
    await settle();
    expect([accepted, refused, client.isClosed()]).toEqual([[], ['127.0.0.1: it is none of trustedProxies'], true]);
  });

  it.each([
    ['no header', 'GET / HTTP/1.1\r\n', 'this is no PROXY header'],
    ['half a header and an end', 'PROXY TCP4 203.', 'it ended before its PROXY header did'],
  ])('closes who sends %s', async (_, text, why) => {
    await listen();
    const client = await connect();
    client.send(Buffer.from(text));
    client.endpoint.shutdown();
    await settle();
    expect([accepted, refused, wheel.size, client.isClosed()]).toEqual([[], [`127.0.0.1: ${why}`], 0, true]);
  });

  it('closes who sends nothing, when its time is over', async () => {
    await listen();
    const client = await connect();
    await settle();
    wheel.advance(network.clock.now() + 990);
    expect(refused).toEqual([]);
    wheel.advance(network.clock.now() + 1010);
    await settle();
    expect([accepted, refused, client.isClosed()]).toEqual([[], ['127.0.0.1: no PROXY header came in time'], true]);
  });

  it('has so many wait at a time, and none any more when it closes', async () => {
    await listen({ maxWaiting: 1 });
    const [first, second] = [await connect(), await connect()];
    await settle();
    expect(refused).toEqual(['127.0.0.1: too many connections wait for their PROXY header']);
    expect([first.isClosed(), second.isClosed()]).toEqual([false, true]);
    stop();
    await settle();
    expect([first.isClosed(), refused.length, wheel.size]).toEqual([true, 1, 0]);
  });

  it('does not hand out who has hung up', async () => {
    await listen();
    const client = await connect();
    client.send(Buffer.from('PROXY'));
    await settle();
    client.endpoint.abort();
    await settle();
    expect([accepted, refused, wheel.size]).toEqual([[], [], 0]);
  });
});
