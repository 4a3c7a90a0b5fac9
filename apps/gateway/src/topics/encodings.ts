// The forms in which publications leave: each is made once per publication, whatever the number of receivers.

import { shareBytes, type Bucket, type Pool } from '@sluice/brigade';
import type { Hub, Publication } from '@sluice/hub';
import { encodeSharedDeflatedFrame, encodeSharedFrame, Opcode, type DeflateFactory, type Deflater, type MessageOpcode } from '@sluice/websocket';
import type { GatewayConfig } from '../config/index.ts';

/** Slots of `publication.encoding(slot)`. */
export interface Encodings {
  /** WebSocket frames with the payload as it is. */
  readonly frame: FrameSlots;
  /** WebSocket text frames with the `sluice.v1` envelope. */
  readonly envelope: FrameSlots;
  /** The same with the hub's position in each, for patterns with wildcards. */
  readonly hubEnvelope: FrameSlots;
  /** An event of an event stream, ids counting the topic's publications. */
  readonly event: EventSlots;
  /** The same with ids counting all publications, for patterns with wildcards. */
  readonly hubEvent: EventSlots;
  /** An event whose data is the `sluice.v1` document, ids counting the topic's publications. */
  readonly envelopeEvent: EventSlots;
  /** The same with the hub's position in each document and as the id, for patterns with wildcards. */
  readonly hubEnvelopeEvent: EventSlots;
}

/** Compressed for sockets that agreed to a window of at least `windowBits`, when the payload is long enough. */
export interface FrameSlots {
  readonly plain: number;
  readonly deflated: number;
  readonly windowBits: number;
  readonly minBytes: number;
}

/** By how the reply is framed: chunked on HTTP/1.1, up to the close on HTTP/1.0. */
export interface EventSlots {
  readonly chunked: number;
  readonly plain: number;
}

type Compression = GatewayConfig['compression'];

export function defineEncodings(hub: Hub, compression: Compression, deflate: DeflateFactory): Encodings {
  const { serverMaxWindowBits: windowBits, level, minBytes } = compression;
  const deflater = deflate.deflater({ windowBits, level });
  const frames = (message: (publication: Publication) => Message): FrameSlots => ({
    plain: hub.defineEncoding((publication, pool) => encodeFrame(message(publication), pool)),
    deflated: hub.defineEncoding((publication, pool) => encodeDeflated(message(publication), deflater, pool)),
    windowBits,
    minBytes,
  });
  const events = (textOf: (publication: Publication) => string): EventSlots => ({
    chunked: hub.defineEncoding((publication, pool) => shareBytes(pool, chunk(textOf(publication)))),
    plain: hub.defineEncoding((publication, pool) => shareBytes(pool, Buffer.from(textOf(publication)))),
  });
  const positionOf = ({ epoch, offset }: Publication): string => `${epoch}:${offset}`;
  const hubPositionOf = ({ sequence }: Publication): string => `${hub.epoch}:${sequence}`;
  const describeInHub = (publication: Publication): PublicationDocument | TagDocument => {
    const document = describe(publication);
    // A message by tag is no step of the subscription: it moves nothing that could be resumed from.
    return publication.tag === null ? { ...document, position: hubPositionOf(publication) } : document;
  };
  return {
    frame: frames(rawMessage),
    envelope: frames((publication) => envelopeMessage(describe(publication))),
    hubEnvelope: frames((publication) => envelopeMessage(describeInHub(publication))),
    event: events((publication) => payloadEvent(publication, positionOf(publication))),
    hubEvent: events((publication) => payloadEvent(publication, hubPositionOf(publication))),
    envelopeEvent: events((publication) => documentEvent(publication, positionOf(publication), describe(publication))),
    hubEnvelopeEvent: events((publication) => documentEvent(publication, hubPositionOf(publication), describeInHub(publication))),
  };
}

/** The slot for a socket whose peer inflates with that window (0: not at all). */
export function frameSlot(slots: FrameSlots, publication: Publication, windowBits: number): number {
  return windowBits >= slots.windowBits && publication.payload.length >= slots.minBytes ? slots.deflated : slots.plain;
}

/** One message to be framed: `bytes[start, end)`. */
interface Message {
  readonly opcode: MessageOpcode;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

function rawMessage({ kind, payload }: Publication): Message {
  const { bytes, start, length } = payload;
  return { opcode: kind === 'text' ? Opcode.Text : Opcode.Binary, bytes: bytes!, start, end: start + length };
}

function envelopeMessage(document: PublicationDocument | TagDocument): Message {
  const bytes = Buffer.from(JSON.stringify(document));
  return { opcode: Opcode.Text, bytes, start: 0, end: bytes.length };
}

function encodeFrame({ opcode, bytes, start, end }: Message, pool: Pool): Bucket {
  return encodeSharedFrame(pool, opcode, bytes, start, end);
}

function encodeDeflated({ opcode, bytes, start, end }: Message, deflater: Deflater, pool: Pool): Bucket {
  return encodeSharedDeflatedFrame(pool, deflater, opcode, bytes, start, end);
}

/** A publication as JSON: what history and the `sluice.v1` envelope show. */
export interface PublicationDocument {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The payload of a text publication. */
  readonly data?: string;
  /** The payload of a binary one. */
  readonly base64?: string;
  /** For a subscription with wildcards: what to resume from, as `?since=`. */
  readonly position?: string;
}

/** A message by tag as JSON. It stands in no topic and has no position. */
export interface TagDocument {
  readonly tag: string;
  readonly time: number;
  readonly data?: string;
  readonly base64?: string;
}

export function describe(publication: Publication): PublicationDocument | TagDocument {
  const { topic, tag, epoch, offset, timeMs } = publication;
  const time = Math.round(timeMs);
  const document = tag === null ? { topic, epoch, offset, time } : { tag, time };
  const payload = payloadOf(publication);
  return publication.kind === 'text'
    ? { ...document, data: payload.toString('utf8') }
    : { ...document, base64: payload.toString('base64') };
}

function payloadOf(publication: Publication): Buffer {
  const { bytes, start, length } = publication.payload;
  return Buffer.from(bytes!.buffer, bytes!.byteOffset + start, length);
}

/**
 * One event (WHATWG HTML §9.2). A text payload is `data:` lines, split wherever a reader of the stream would split; a binary
 * one is an event of type `binary` in base64.
 */
function payloadEvent(publication: Publication, id: string): string {
  const payload = payloadOf(publication);
  return publication.kind === 'text'
    ? `${idLine(publication, id)}data: ${payload.toString('utf8').replaceAll(/\r\n|\r|\n/g, '\ndata: ')}\n\n`
    : `${idLine(publication, id)}event: binary\ndata: ${payload.toString('base64')}\n\n`;
}

/** One event whose data is a document: JSON has no line ends. */
function documentEvent(publication: Publication, id: string, document: PublicationDocument | TagDocument): string {
  return `${idLine(publication, id)}data: ${JSON.stringify(document)}\n\n`;
}

/** A message by tag has no id: what the client resumes from stays what it was. */
function idLine(publication: Publication, id: string): string {
  return publication.tag === null ? `id: ${id}\n` : '';
}

/** A chunk of the chunked coding (RFC 9112 §7.1). */
export function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
