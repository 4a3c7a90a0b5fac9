import { Brigade, fileBucket, FileHandleRef, heapBytes, makeSent, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { MemoryNetwork, type LinkFaults, type MemoryNetworkOptions } from '../src/index.ts';

class Log implements EndpointSink {
  text = '';
  readonly reads: number[] = [];
  readonly events: string[] = [];
  error: TransportError | null = null;

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.reads.push(end - start);
    this.text += String.fromCharCode(...bytes.subarray(start, end));
  }

  onEnd(): void {
    this.events.push('end');
  }

  onProgress(): void {
    this.events.push('progress');
  }

  onClose(error: TransportError | null): void {
    this.error = error;
    this.events.push('close');
  }
}

function connected(options: Partial<MemoryNetworkOptions> = {}) {
  const network = new MemoryNetwork({ seed: 1, ...options });
  const pool = new Pool('test');
  const ends: { endpoint: Endpoint; log: Log }[] = [];
  const take = (endpoint: Endpoint): void => {
    const log = new Log();
    endpoint.attach(log);
    endpoint.setReading(true);
    ends.push({ endpoint, log });
  };
  const { address } = network.listen({ host: 'memory', port: 0 }, { onAccept: take, onError() {}, onClose() {} });
  network.connect(address, { onConnect: take, onFailure() {} });
  network.run(() => ends.length === 2);
  const write = (endpoint: Endpoint, text: string): void => {
    const brigade = new Brigade(pool);
    brigade.writeLatin1(text);
    endpoint.write(brigade);
  };
  const [server, client] = ends;
  return { network, pool, server, client, write };
}

/** Faults for the bytes that the client sends, none for the others. */
const toServer = (faults: LinkFaults): Pick<MemoryNetworkOptions, 'faults'> => ({ faults: (_connection, direction) => (direction === 'toServer' ? faults : {}) });

describe('an endpoint in memory', () => {
  it('sends everything written in one turn together', () => {
    const { network, client, server, write } = connected();
    for (const word of ['one ', 'two ', 'three']) write(client.endpoint, word);
    expect(client.endpoint.queuedBytes).toBe(13);
    network.run();
    expect(server.log.reads).toEqual([13]);
    expect(client.log.events).toEqual(['progress']);
    expect(client.endpoint.queuedBytes).toBe(0);
  });

  it('is attached once', () => {
    const { client } = connected();
    expect(() => client.endpoint.attach(new Log())).toThrow();
  });

  it('takes its latency', () => {
    const { network, client, server, write } = connected({ faults: { latencyMs: 30 } });
    const from = network.clock.now();
    write(client.endpoint, 'x');
    network.run(() => server.log.text === 'x');
    expect(network.clock.now() - from).toBe(30);
  });

  it('reads as late as its reader is slow, and cut as its reads are cut', () => {
    const { network, client, server, write } = connected(toServer({ readDelayMs: 10, largestRead: 2 }));
    write(client.endpoint, 'abcdefgh');
    const from = network.clock.now();
    network.run();
    expect(server.log.text).toBe('abcdefgh');
    expect(server.log.reads.length).toBeGreaterThanOrEqual(4);
    expect(network.clock.now() - from).toBe(10 * server.log.reads.length);
  });

  it('is reset at its byte, at both ends', () => {
    const { network, client, server, write } = connected(toServer({ resetAtByte: 5 }));
    write(client.endpoint, 'abcdefgh');
    network.run();
    expect(server.log.text).toBe('abcde');
    expect(server.log.error?.kind).toBe('connectionReset');
    expect(client.log.error?.kind).toBe('connectionReset');
  });

  it('sees the end at its byte, and the writer a reset', () => {
    const { network, client, server, write } = connected(toServer({ endAtByte: 5 }));
    write(client.endpoint, 'abcdefgh');
    network.run();
    expect(server.log.text).toBe('abcde');
    expect(server.log.events).toEqual(['end']);
    expect(client.log.error?.kind).toBe('connectionReset');
  });

  it('resets a peer that has sent what will never be read', () => {
    const { network, client, server, write } = connected();
    server.endpoint.setReading(false);
    write(client.endpoint, 'unread');
    network.run();
    server.endpoint.close();
    network.run();
    expect(server.log.error).toBe(null);
    expect(client.log.error?.kind).toBe('connectionReset');
  });

  it('fails when a file cannot be read, and says why', () => {
    const { network, client, pool } = connected();
    let closes = 0;
    const file = new FileHandleRef(
      pool,
      {
        fd: -1,
        readSync() {
          throw new Error('bad sector');
        },
        close: () => closes++,
      },
      100,
    );
    const sent: (string | null)[] = [];
    const brigade = new Brigade(pool);
    brigade.append(heapBytes(pool, new Uint8Array(5)));
    brigade.append(fileBucket(file, 0, 100));
    brigade.append(makeSent((error) => sent.push(error?.message ?? null)));
    file.release();
    client.endpoint.write(brigade);
    network.run();
    expect(client.log.error?.kind).toBe('sourceFailed');
    expect(client.log.error?.message).toContain('bad sector');
    expect(sent).toEqual([client.log.error?.message]);
    expect(closes).toBe(1);
    expect(client.endpoint.bytesOut).toBe(5);
  });

  it('closes also when a SENT callback throws', () => {
    const { network, client, pool } = connected();
    const brigade = new Brigade(pool);
    brigade.append(
      makeSent(() => {
        throw new Error('callback');
      }),
    );
    client.endpoint.write(brigade);
    client.endpoint.close();
    expect(() => network.run()).toThrow();
    expect(client.log.events).toEqual(['close']);
  });
});
