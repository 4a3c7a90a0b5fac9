// What an owner may do with an endpoint while it is handed out. The rest of its contract: transport.test.ts, with the compliance suite.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { ProxiedEndpoint, type HeaderOwner } from '../../src/proxy-protocol/endpoint.ts';
import { textHeader } from './headers.ts';

class Below implements Endpoint {
  readonly peer = { host: '127.0.0.1', port: 1 };
  readonly local = { host: '127.0.0.1', port: 2 };
  readonly queuedBytes = 0;
  readonly bytesOut = 0;
  bytesIn = 0;
  reading: boolean[] = [];
  calls: string[] = [];
  sink!: EndpointSink;

  attach(sink: EndpointSink): void {
    this.sink = sink;
  }
  setReading(wanted: boolean): void {
    this.reading.push(wanted);
  }
  write(): void {
    this.calls.push('write');
  }
  shutdown(): void {
    this.calls.push('shutdown');
  }
  close(): void {
    this.calls.push('close');
  }
  abort(): void {
    this.calls.push('abort');
  }
  /** Lends a Node Buffer, as transports do, and uses its memory again. */
  bring(bytes: Uint8Array): void {
    const lent = Buffer.from(bytes);
    this.bytesIn += lent.length;
    this.sink.onBytes(lent, 0, lent.length);
    lent.fill(0xee);
  }
}

function open(onHeader: (endpoint: ProxiedEndpoint) => void) {
  const below = new Below();
  const refused: string[] = [];
  const owner: HeaderOwner = { maxHeaderBytes: 4096, onHeader, onRefused: (_, why) => void refused.push(why), onGone: () => {} };
  return { below, refused, endpoint: new ProxiedEndpoint(below, owner) };
}

const header = textHeader('PROXY TCP4 203.0.113.9 198.51.100.1 51000 443');
const withRest = Buffer.concat([header, Buffer.from('rest')]);
const quiet: EndpointSink = { onBytes: () => expect.unreachable(), onEnd() {}, onProgress() {}, onClose() {} };

describe('bytes that are lent', () => {
  it('are kept as they were while a header is incomplete', () => {
    const { below, refused, endpoint } = open((proxied) => proxied.attach(quiet));
    below.bring(header.subarray(0, 20));
    below.bring(header.subarray(20));
    expect([refused, endpoint.peer]).toEqual([[], { host: '203.0.113.9', port: 51_000 }]);
  });

  it('are kept as they were while the owner does not read', () => {
    let received = '';
    const sink: EndpointSink = { ...quiet, onBytes: (bytes, start, end) => void (received += Buffer.from(bytes.subarray(start, end)).toString()) };
    const { below, endpoint } = open((proxied) => proxied.attach(sink));
    below.bring(withRest);
    endpoint.setReading(true);
    endpoint.resume();
    expect(received).toBe('rest');
  });
});

describe('an endpoint that is handed out', () => {
  it('may be closed at once: nothing is delivered', () => {
    const { below } = open((endpoint) => {
      endpoint.attach(quiet);
      endpoint.setReading(true);
      endpoint.close();
    });
    below.bring(withRest);
    below.bring(Buffer.from('more'));
    expect(below.calls).toEqual(['close']);
  });

  it('is not read below before its owner reads', () => {
    const { below } = open((endpoint) => endpoint.attach(quiet));
    below.bring(header);
    expect(below.reading).toEqual([true, false]);
  });

  it('passes everything on', () => {
    const { below, endpoint } = open((each) => each.attach({ ...quiet, onBytes() {} }));
    below.bring(header);
    endpoint.write(new Brigade(new Pool('test')));
    endpoint.shutdown();
    endpoint.abort();
    expect(below.calls).toEqual(['write', 'shutdown', 'abort']);
    expect([endpoint.peer.host, endpoint.via?.host, endpoint.local.port, endpoint.queuedBytes, endpoint.bytesOut]).toEqual(['203.0.113.9', '127.0.0.1', 2, 0, 0]);
  });

  it('is attached once', () => {
    const { below, endpoint } = open((each) => each.attach(quiet));
    below.bring(header);
    expect(() => endpoint.attach(quiet)).toThrow('attached once');
  });
});

it('a header byte by byte is a header', () => {
  let handedOut = 0;
  const { below, refused } = open((endpoint) => {
    handedOut++;
    endpoint.attach(quiet);
  });
  for (const byte of header) below.bring(Uint8Array.of(byte));
  expect([handedOut, refused]).toEqual([1, []]);
});
