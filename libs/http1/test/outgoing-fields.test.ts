// Fields on their way out: what may be sent (RFC 9110 5.1, 5.5), what the engine writes itself, and how long it is.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/failure.ts';
import { EncodedFields, OutgoingFacts, engineLines, isSendable, writeBytes, writeFields, writeText } from '../src/outgoing-fields.ts';
import { bytesOf, textOf } from './wire.ts';

function factsOf(...fields: string[]): OutgoingFacts {
  const facts = new OutgoingFacts();
  facts.collect(fields);
  return facts;
}

/** What `writeFields` writes into memory of the measured size, between guards. */
function written(fields: string[]): string {
  const { bytes, hasSkipped } = factsOf(...fields);
  const into = new Uint8Array(bytes + 2).fill(33);
  expect(writeFields(into, 1, fields, hasSkipped)).toBe(bytes + 1);
  const text = textOf(into);
  expect(text.at(0)! + text.at(-1)!).toBe('!!');
  return text.slice(1, -1);
}

describe('OutgoingFacts', () => {
  it('notes what the engine has to know, in any case of the name', () => {
    expect(factsOf('DATE', 'x', 'hOsT', 'h', 'Te', 'trailers', 'upgrade', 'a', 'Content-Length', '12', 'connection', 'x')).toMatchObject({
      hasDate: true, hosts: 1, hasTe: true, hasUpgrade: true, contentLength: 12, connection: 'x', hasSkipped: true,
    });
  });

  it('keeps nothing of the list before', () => {
    const facts = factsOf('Date', 'x', 'Host', 'h', 'TE', 'x', 'Upgrade', 'a', 'Content-Length', '1', 'Connection', 'x');
    facts.collect(['A', 'b']);
    expect(facts).toEqual(factsOf('A', 'b'));
    expect(facts).toMatchObject({
      bytes: 6, hasDate: false, hosts: 0, hasTe: false, hasUpgrade: false, contentLength: -1, connection: '', hasSkipped: false,
    });
  });

  it('joins the options of several Connection lines, and counts every Host', () => {
    expect(factsOf('Connection', 'a', 'connection', 'b, c').connection).toBe('a, b, c');
    expect(factsOf('Host', 'a', 'Host', 'b').hosts).toBe(2);
  });

  it.each([
    ['a name without a value', ['A']],
    ['an empty name', ['', 'x']],
    ['a space in a name', ['A b', 'x']],
    ['a colon in a name', ['A:', 'x']],
    ['a line end in a name', ['A\r\nB', 'x']],
    ['a name beyond ASCII', ['É', 'x']],
    ['a character that only looks like a token', ['ŁA', 'x']],
    ['a line end in a value', ['A', 'x\r\nB: y']],
    ['LF in a value', ['A', 'x\ny']],
    ['NUL in a value', ['A', '\0']],
    ['DEL in a value', ['A', '\x7f']],
    ['a character of more than one byte', ['A', '€']],
    ['one whose low byte is CR', ['A', '\u010d']],
    ['Transfer-Encoding', ['transfer-Encoding', 'chunked']],
    ['a negative length', ['Content-Length', '-1']],
    ['an empty length', ['Content-Length', '']],
    ['a hexadecimal length', ['Content-Length', '0x1']],
    ['a length beyond 2^53', ['Content-Length', '9007199254740992']],
    ['two lengths, even equal ones', ['Content-Length', '1', 'content-length', '1']],
  ])('refuses %s', (_what, fields) => {
    expect(() => factsOf(...fields)).toThrow(UsageError);
  });

  it('takes the largest length', () => {
    expect(factsOf('Content-Length', '9007199254740991').contentLength).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('writeFields', () => {
  it('writes lines in order, without those of the engine', () => {
    expect(written(['A', 'b', 'Content-Length', '3', 'c-d', '', 'CONNECTION', 'close', 'A', 'é'])).toBe('A: b\r\nc-d: \r\nA: é\r\n');
  });

  it('fills exactly what was measured, and no value can end its line', () => {
    const name = fc.stringMatching(/^[!#-'*+.^_`|~0-9A-Za-z-]{1,20}$/);
    const value = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const fields = pairs.flat();
        let lines: string;
        try {
          lines = written(fields);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          return;
        }
        expect(lines.split('\r\n').length - 1).toBe(pairs.filter(([each]) => !/^(?:connection|content-length)$/i.test(each)).length);
      }),
    );
  });
});

describe('isSendable', () => {
  it('takes HTAB, SP, visible ASCII and the upper half of a byte, nothing else', () => {
    for (let code = 0; code < 0x300; code++) {
      const may = code === 9 || (code >= 32 && code !== 127 && code <= 255);
      expect([code, isSendable(String.fromCharCode(code))]).toEqual([code, may]);
    }
  });
});

describe('EncodedFields', () => {
  it('is the lines, as bytes', () => {
    const encoded = new EncodedFields(['Server', 'x', 'Date', 'now']);
    expect(textOf(encoded.bytes)).toBe('Server: x\r\nDate: now\r\n');
    expect(encoded.hasDate).toBe(true);
    expect(new EncodedFields(['Server', 'x']).hasDate).toBe(false);
  });

  it.each(['Connection', 'Content-Length', 'Upgrade', 'TE', 'Host'])('refuses %s, which belongs to one message', (name) => {
    expect(() => new EncodedFields([name, '1'])).toThrow(UsageError);
  });
});

describe('writing', () => {
  it('copies short and long bytes alike', () => {
    for (const length of [0, 1, 64, 65, 300]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      const into = new Uint8Array(length + 2);
      expect(writeBytes(into, 1, bytes)).toBe(length + 1);
      expect(into).toEqual(Uint8Array.of(0, ...bytes, 0));
    }
  });

  it('writes one byte a character', () => {
    const into = new Uint8Array(4);
    expect(writeText(into, 1, 'aÿ')).toBe(3);
    expect(into).toEqual(bytesOf('\0aÿ\0'));
  });

  it("has the engine's lines whole", () => {
    for (const line of [engineLines.chunked, engineLines.close, engineLines.keepAlive, engineLines.version]) {
      expect(textOf(line)).toMatch(/[^\s]\r\n$/);
    }
    for (const start of [engineLines.contentLength, engineLines.connection, engineLines.date]) expect(textOf(start)).toMatch(/: $/);
  });
});
