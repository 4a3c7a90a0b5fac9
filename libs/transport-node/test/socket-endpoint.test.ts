// What only streams other than plain sockets do; everything else is the compliance suite's.

import { duplexPair } from 'node:stream';
import { Brigade, heapBytes, Pool } from '@sluice/brigade';
import type { Endpoint, TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { until } from './set-up.ts';

interface Seen {
  text: string;
  ended: boolean;
  closed: TransportError | null | undefined;
}

function watch(endpoint: Endpoint): Seen {
  const seen: Seen = { text: '', ended: false, closed: undefined };
  endpoint.attach({
    onBytes(bytes, start, end) {
      seen.text += String(Buffer.from(bytes.slice(start, end)));
    },
    onEnd() {
      seen.ended = true;
    },
    onProgress() {},
    onClose(error) {
      seen.closed = error;
    },
  });
  endpoint.setReading(true);
  return seen;
}

describe('SocketEndpoint', () => {
  it('works over any Duplex, both directions ended in order', async () => {
    const pool = new Pool();
    const transport = createNodeTransport({ pool });
    const [inner, outer] = duplexPair();
    const endpoint = transport.adopt(inner, Buffer.from('first, '));
    const seen = watch(endpoint);
    expect(endpoint.peer).toEqual({ host: '', port: 0 });
    outer.write('second');
    const brigade = new Brigade(pool);
    brigade.append(heapBytes(pool, Buffer.from('answer')));
    endpoint.write(brigade);
    endpoint.shutdown();
    const answer: string[] = [];
    outer.on('data', (chunk) => answer.push(String(chunk)));
    outer.end();
    expect(await until(() => seen.closed !== undefined)).toBe(true);
    expect(seen).toEqual({ text: 'first, second', ended: true, closed: null });
    expect(answer.join('')).toBe('answer');
    expect(endpoint.bytesIn).toBe(13);
    expect(endpoint.bytesOut).toBe(6);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('reports the failure of a Duplex, and can be aborted', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const [broken] = duplexPair();
    const failed = watch(transport.adopt(broken));
    broken.destroy(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
    expect(await until(() => failed.closed !== undefined)).toBe(true);
    expect(failed.closed).toMatchObject({ operation: 'read', kind: 'connectionReset' });
    const [whole] = duplexPair();
    const endpoint = transport.adopt(whole);
    const aborted = watch(endpoint);
    endpoint.abort();
    expect(await until(() => aborted.closed === null)).toBe(true);
    expect(whole.destroyed).toBe(true);
  });

  it('refuses a stream that has ended', () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const [ended] = duplexPair();
    ended.end();
    expect(() => transport.adopt(ended)).toThrow('adopt failed');
    expect(ended.destroyed).toBe(true);
  });
});

describe('a stream that closes itself while its end has not been told', () => {
  async function endedUnread(): Promise<{ endpoint: Endpoint; seen: Seen }> {
    const transport = createNodeTransport();
    const [inner, outer] = duplexPair();
    const endpoint = transport.adopt(inner);
    const seen = watch(endpoint);
    outer.resume();
    outer.end();
    endpoint.shutdown();
    endpoint.setReading(false);
    // As a net.Socket does by itself once both directions have ended.
    inner.on('end', () => inner.destroy());
    inner.resume();
    await until(() => inner.destroyed);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toMatchObject({ ended: false, closed: undefined });
    return { endpoint, seen };
  }

  it('tells the end first, once it is wanted, then the close', async () => {
    const { endpoint, seen } = await endedUnread();
    endpoint.setReading(true);
    await until(() => seen.closed !== undefined);
    expect(seen).toMatchObject({ ended: true, closed: null });
  });

  it('closes for an owner that no longer wants to know', async () => {
    const { endpoint, seen } = await endedUnread();
    endpoint.close();
    await until(() => seen.closed !== undefined);
    expect(seen).toMatchObject({ ended: false, closed: null });
  });
});
