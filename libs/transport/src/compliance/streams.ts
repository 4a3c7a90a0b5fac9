// Stream buckets: an endpoint reads the source as the peer takes the bytes, and waits when there are none yet.

import { streamBucket, type StreamSource } from '@sluice/brigade';
import type { Cases } from './cases.ts';
import { Pattern } from './pattern.ts';

/** A source that has what it was fed, until it is told that this was all. */
class FedSource implements StreamSource {
  closes = 0;
  position = 0;
  available = 0;
  ended = false;
  #wake: (() => void) | null = null;
  readonly #pattern: Pattern;

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  feed(bytes: number): void {
    this.available += bytes;
    this.#readable();
  }

  end(): void {
    this.ended = true;
    this.#readable();
  }

  read(into: Uint8Array, start: number, end: number): number {
    const length = Math.min(end - start, this.available);
    if (length === 0) return this.ended ? -1 : 0;
    into.set(this.#pattern.slice(this.position, length), start);
    this.position += length;
    this.available -= length;
    return length;
  }

  onReadable(callback: () => void): void {
    this.#wake = callback;
  }

  close(): void {
    this.closes++;
  }

  #readable(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

export const streamCases: Cases = {
  'sends a stream as it becomes readable, and what follows it after its end': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(25);
    const source = new FedSource(pattern);
    server.expected = pattern;
    server.setReading(true);
    source.feed(10_000);
    client.write(streamBucket(source, scene.pool), client.mark('sent'));
    await scene.received(server, 10_000);
    await scene.settle();
    scene.expect(client.sent.length).toBe(0);
    source.feed(200_000);
    await scene.received(server, 210_000);
    source.feed(5);
    source.end();
    await scene.until('the mark ran', () => client.sent.length === 1);
    await scene.received(server, 210_005);
    scene.expect(client.sentMarks).toEqual(['sent']);
    scene.expect(source.closes).toBe(1);
    scene.expect(client.endpoint.queuedBytes).toBe(0);
    scene.expect(client.endpoint.bytesOut).toBe(210_005);
  },

  'reads no more of a stream than the peer takes': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(26);
    const source = new FedSource(pattern);
    const size = scene.setUp.platformBufferBytes + (4 << 20);
    source.feed(size);
    source.end();
    client.write(streamBucket(source, scene.pool));
    await scene.settle();
    scene.expect(source.available).toBeGreaterThan(0);
    server.expected = pattern;
    server.setReading(true);
    await scene.received(server, size);
  },

  'closes a stream when the connection is dropped while it waits': async (scene) => {
    const { client } = await scene.pair();
    const source = new FedSource(new Pattern(27));
    client.write(streamBucket(source, scene.pool), client.mark('never'));
    await scene.settle();
    client.close();
    await scene.allClosed(client);
    await scene.until('the source is closed', () => source.closes === 1);
    source.feed(1000);
    await scene.settle();
    scene.expect(client.sentMarks).toEqual(['never!']);
  },
};
