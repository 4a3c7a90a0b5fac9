// What an embedding program brings, with an intake that notes what it is given. That a whole gateway serves it is a specification.

import { duplexPair } from 'node:stream';
import { noThrottles } from '@sluice/connection';
import type { Intake } from '@sluice/supervision';
import type { Endpoint } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { describe, expect, it } from 'vitest';
import { Adoption } from '../../src/adoption/adoption.ts';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import { endOfTurn, LineReader } from '../log/lines.ts';

const request = { method: 'GET', url: '/x', httpVersion: '1.1', rawHeaders: ['Host', 'h'] };

function adoption(transport = createNodeTransport() as ConstructorParameters<typeof Adoption>[1]) {
  const taken: Endpoint[] = [];
  const intake: Intake = { connections: 0, cutOff: 0, throttles: noThrottles, adopt: (endpoint) => void taken.push(endpoint) };
  const reader = new LineReader();
  return { adoption: new Adoption(intake, transport, new Log(new LineWriter(reader, 65_536), 'info')), taken, reader };
}

/** All that an endpoint has to give, as text. */
async function read(endpoint: Endpoint): Promise<string> {
  let text = '';
  await new Promise<void>((resolve) => {
    endpoint.attach({
      onBytes: (bytes, start, end) => void (text += Buffer.from(bytes.slice(start, end)).toString('latin1')),
      onEnd: resolve,
      onProgress() {},
      onClose: () => resolve(),
    });
    endpoint.setReading(true);
  });
  return text;
}

describe('Adoption', () => {
  it.each([
    ['the transport that can', createNodeTransport()],
    ['a transport of its own beside one that cannot', new MemoryNetwork({ seed: 1 }).transport],
  ])('takes an upgrade over with %s: the request, what follows it, then the rest', async (_what, transport) => {
    const { adoption: adopts, taken } = adoption(transport);
    const [inner, outer] = duplexPair();
    expect(adopts.adoptUpgrade(request, inner, Buffer.from('head, '))).toBe(true);
    outer.end('rest');
    expect(taken).toHaveLength(1);
    expect(await read(taken[0]!)).toBe('GET /x HTTP/1.1\r\nHost: h\r\n\r\nhead, rest');
    taken[0]!.abort();
  });

  it('says what it cannot take over, closes it, and goes on', async () => {
    const { adoption: adopts, taken, reader } = adoption();
    const [gone] = duplexPair();
    gone.destroy();
    const [unsound, whole] = duplexPair();
    expect(adopts.adoptUpgrade(request, gone, Buffer.alloc(0))).toBe(false);
    expect(adopts.adoptUpgrade({ ...request, url: '/ x' }, unsound, Buffer.alloc(0))).toBe(false);
    expect(unsound.destroyed).toBe(true);
    expect(taken).toEqual([]);
    await endOfTurn();
    expect(reader.lines.map(({ error }) => error)).toEqual([
      expect.stringContaining('not connected'),
      expect.stringContaining('no sound target'),
    ]);
    whole.destroy();
  });

  it('closes whatever it is brought once it has been stopped', async () => {
    const { adoption: adopts, taken } = adoption();
    adopts.stop();
    const [inner] = duplexPair();
    expect(adopts.adoptUpgrade(request, inner, Buffer.alloc(0))).toBe(false);
    expect(inner.destroyed).toBe(true);
    const [other] = duplexPair();
    adopts.adopt(createNodeTransport().adopt(other));
    expect(other.destroyed).toBe(true);
    expect(taken).toEqual([]);
  });
});
