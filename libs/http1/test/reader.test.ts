// The reader by itself: heads, bodies of each kind, trailers, and the end of input at each place.

import { describe, expect, it } from 'vitest';
import { BodyKind, RequestHead, type BodyKindCode } from '../src/head.ts';
import { Input } from '../src/input.ts';
import { defaultLimits, type Http1Limits } from '../src/limits.ts';
import { MessageReader, Read } from '../src/reader.ts';
import { bytesOf, textOf } from './wire.ts';

function reading(limits: Partial<Http1Limits> = {}) {
  const input = new Input();
  const head = new RequestHead();
  const reader = new MessageReader({ ...defaultLimits, ...limits }, input, head);
  /** Lends the text, and answers what comes of it until the reader wants more, is at an end, or has failed. */
  const give = (text: string): string[] => {
    const bytes = bytesOf(text);
    input.receive(bytes, 0, bytes.length);
    return go();
  };
  const go = (): string[] => {
    const seen: string[] = [];
    for (;;) {
      switch (reader.next()) {
        case Read.NeedData:
          return seen;
        case Read.Head:
          return [...seen, `head ${head.target}`];
        case Read.Data:
          seen.push(textOf(input.bytes.subarray(reader.dataStart, reader.dataEnd)));
          break;
        case Read.End:
          return [...seen, 'end'];
        default:
          return [...seen, `failed ${reader.failure}`];
      }
    }
  };
  return {
    input, head, reader, give, go,
    body: (kind: BodyKindCode, length = 0) => reader.beginBody(kind, length),
    /** FIN. */
    finish: () => {
      input.ended = true;
      return go();
    },
  };
}

describe('heads', () => {
  it('come one after the other, each over the one before', () => {
    const { head, reader, give, go } = reading();
    expect(give('GET /first HTTP/1.1\r\nA: b\r\n\r\nGET /second HTTP/1.1\r\n\r\n')).toEqual(['head /first']);
    expect(head.get('a')).toBe('b');
    reader.beginHead(head);
    expect(go()).toEqual(['head /second']);
    expect(head.get('a')).toBeNull();
  });

  it('are idle between, and hold what has come of the next', () => {
    const { reader, give } = reading();
    expect([reader.isIdle, reader.heldBytes]).toEqual([true, 0]);
    expect(give('GET /')).toEqual([]);
    expect([reader.isIdle, reader.heldBytes]).toEqual([false, 5]);
  });

  it('fail when the input ends inside', () => {
    const { give, finish } = reading();
    give('GET / HTTP/1.1\r\n');
    expect(finish()).toEqual(['failed truncatedHead']);
  });
});

describe('bodies', () => {
  it('none ends at once', () => {
    const { body, go } = reading();
    body(BodyKind.None);
    expect(go()).toEqual(['end']);
  });

  it('of a length take exactly that, in the pieces in which it comes', () => {
    const { input, body, give } = reading();
    body(BodyKind.Length, 5);
    expect(give('ab')).toEqual(['ab']);
    expect(give('cdefg')).toEqual(['cde', 'end']);
    expect(textOf(input.take())).toBe('fg');
  });

  it('of a length are truncated by an end before it', () => {
    const { body, give, finish } = reading();
    body(BodyKind.Length, 3);
    expect(give('ab')).toEqual(['ab']);
    expect(finish()).toEqual(['failed truncatedBody']);
  });

  it('chunked come without their framing', () => {
    const { input, reader, body, give } = reading();
    body(BodyKind.Chunked);
    expect(give('2\r\nab\r\n3\r\nc')).toEqual(['ab', 'c']);
    expect(give('de\r\n0\r\n\r\nGET')).toEqual(['de', 'end']);
    expect(reader.trailers).toBeNull();
    expect(textOf(input.take())).toBe('GET');
  });

  it('chunked bring trailers, which the next message does not have', () => {
    const { reader, head, body, give } = reading();
    body(BodyKind.Chunked);
    expect(give('0\r\nA: b\r\n')).toEqual([]);
    expect(reader.heldBytes).toBe(6);
    expect(give('\r\n')).toEqual(['end']);
    expect(reader.trailers?.get('a')).toBe('b');
    reader.beginHead(head);
    expect(reader.trailers).toBeNull();
  });

  it.each(['', '2', '2\r\n', '2\r\na', '2\r\nab\r\n', '0\r\n', '0\r\nA: b\r\n'])('chunked are truncated after %j', (text) => {
    const { body, give, finish } = reading();
    body(BodyKind.Chunked);
    give(text);
    expect(finish()).toEqual(['failed truncatedBody']);
  });

  it('until close end with the input', () => {
    const { body, give, finish } = reading();
    body(BodyKind.UntilClose);
    expect(give('ab')).toEqual(['ab']);
    expect(finish()).toEqual(['end']);
  });

  it('until close are bounded', () => {
    const { body, give } = reading({ maxBodyBytes: 3 });
    body(BodyKind.UntilClose);
    expect(give('ab')).toEqual(['ab']);
    expect(give('c')).toEqual(['c']);
    expect(give('d')).toEqual(['failed bodyTooLarge']);
  });

  it('use nothing of what was held for the body before', () => {
    const { body, give } = reading();
    body(BodyKind.Chunked);
    expect(give('1\r\na\r\n0\r\n\r\n')).toEqual(['a', 'end']);
    body(BodyKind.Chunked);
    expect(give('1\r\nb\r\n0\r\n\r\n')).toEqual(['b', 'end']);
    body(BodyKind.Length, 1);
    expect(give('c')).toEqual(['c', 'end']);
  });
});
