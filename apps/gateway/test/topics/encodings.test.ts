import { Pool, type Bucket } from '@sluice/brigade';
import { Hub, type PayloadKind, type Publication } from '@sluice/hub';
import { ZlibDeflate } from '@sluice/websocket/zlib';
import { inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunk, defineEncodings, describe as describePublication, frameSlot, type Encodings } from '../../src/topics/encodings.ts';
import { configOf } from '../in-memory/gateway.ts';

let pool: Pool;
let hub: Hub;
let encodings: Encodings;
beforeEach(() => {
  pool = new Pool('encodings');
  hub = new Hub({ pool, now: () => 1000, wallClock: () => 1000, random: () => 0.5 });
  encodings = defineEncodings(hub, { ...configOf().compression, minBytes: 10 }, new ZlibDeflate());
});
afterEach(() => {
  hub.destroy();
  expect(pool.outstanding().bytes).toBe(0);
});

/** What a subscriber makes of one publication while it is delivered. */
function delivered<Made>(payload: string, kind: PayloadKind, make: (publication: Publication) => Made): Made {
  let made: Made[] = [];
  const member = hub.join({
    id: 'test',
    info: null,
    deliver: (publication) => {
      made = [make(publication)];
      return true;
    },
    gap: () => {},
    evict: () => {},
  });
  member.subscribe('t');
  const bytes = Buffer.from(payload, 'latin1');
  hub.publish('t', bytes, 0, bytes.length, kind);
  member.leave();
  return made[0]!;
}

const textOf = ({ bytes, start, length }: Bucket): string => Buffer.from(bytes!.subarray(start, start + length)).toString('latin1');
const encoded = (payload: string, kind: PayloadKind, slot: number): string => delivered(payload, kind, (publication) => textOf(publication.encoding(slot)));

describe('frames', () => {
  it('have the payload as it is, with its kind', () => {
    expect(encoded('abc', 'text', encodings.frame.plain)).toBe('\x81\x03abc');
    expect(encoded('\xff', 'binary', encodings.frame.plain)).toBe('\x82\x01\xff');
  });

  it('are compressed from an empty window', () => {
    const frame = encoded('a'.repeat(100), 'text', encodings.frame.deflated);
    expect(frame.charCodeAt(0)).toBe(0xc1);
    const payload = Buffer.from(frame.slice(2), 'latin1');
    expect(inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: 2 }).toString()).toBe('a'.repeat(100));
  });

  it('with an envelope are text whatever the payload, and compressed as others', () => {
    expect(encoded('\xff', 'binary', encodings.envelope.plain)).toMatch(/^..\{.*"base64":"\/w=="\}$/s);
    expect(encoded('x', 'text', encodings.envelope.deflated).charCodeAt(0)).toBe(0xc1);
    expect(encoded('x', 'text', encodings.hubEnvelope.deflated).charCodeAt(0)).toBe(0xc1);
  });

  it('are compressed for whom it is agreed with, and only when long enough', () => {
    const slot = (payload: string, bits: number): number => delivered(payload, 'text', (publication) => frameSlot(encodings.frame, publication, bits));
    expect(slot('long enough', 15)).toBe(encodings.frame.deflated);
    expect(slot('short', 15)).toBe(encodings.frame.plain);
    expect(slot('long enough', 0)).toBe(encodings.frame.plain);
    expect(slot('long enough', 9)).toBe(encodings.frame.plain);
  });

  it('wrap the publication in JSON for the sub-protocol', () => {
    const envelope = encoded('x', 'text', encodings.envelope.plain);
    expect(JSON.parse(envelope.slice(2))).toEqual({ topic: 't', epoch: hub.history('t').epoch, offset: 1, time: 1000, data: 'x' });
    hub.publish('another', Buffer.from('x'), 0, 1, 'text');
    const wild = encoded('x', 'text', encodings.hubEnvelope.plain);
    expect(JSON.parse(wild.slice(wild.indexOf('{')))).toMatchObject({ offset: 2, position: `${hub.epoch}:3` });
  });
});

describe('events', () => {
  it('have a line of data for each line, however lines end', () => {
    expect(encoded('a\nb\r\nc\rd', 'text', encodings.event.plain)).toBe(`id: ${hub.history('t').epoch}:1\ndata: a\ndata: b\ndata: c\ndata: d\n\n`);
  });

  it('are base64 of their own type for binary', () => {
    expect(encoded('\xff\x00', 'binary', encodings.event.plain)).toMatch(/\nevent: binary\ndata: \/wA=\n\n$/);
  });

  it('count the topic’s publications, or the hub’s', () => {
    hub.publish('another', Buffer.from('x'), 0, 1, 'text');
    expect(encoded('y', 'text', encodings.event.plain)).toMatch(/^id: t\w+:1\n/);
    expect(encoded('y', 'text', encodings.hubEvent.plain)).toMatch(new RegExp(`^id: ${hub.epoch}:3\n`));
  });

  it('are one chunk of the chunked coding', () => {
    const plain = encoded('x', 'text', encodings.event.plain);
    const id = plain.replace(':1\n', ':2\n');
    expect(encoded('x', 'text', encodings.event.chunked)).toBe(`${id.length.toString(16)}\r\n${id}\r\n`);
    expect(encoded('x', 'text', encodings.hubEvent.chunked)).toContain(`\r\nid: ${hub.epoch}:3\n`);
    expect(chunk('ü').toString('latin1')).toBe('2\r\n\xc3\xbc\r\n');
  });
});

it('describes a publication as history shows it', () => {
  expect(delivered('x', 'text', describePublication)).toMatchObject({ topic: 't', offset: 1, data: 'x' });
  expect(delivered('x', 'binary', describePublication)).toMatchObject({ offset: 2, base64: 'eA==' });
});
