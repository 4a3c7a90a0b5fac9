import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSource } from '../../src/client/line-source.ts';
import { endOfTurn } from '../log/lines.ts';

function source(maxLineBytes = 100, takes: (line: string) => boolean = () => true) {
  const stream = new PassThrough();
  const lines: string[] = [];
  const ends: string[] = [];
  const reader = new LineSource(stream, maxLineBytes, {
    onLine(bytes) {
      lines.push(Buffer.from(bytes).toString());
      return takes(lines.at(-1)!);
    },
    onEnd: () => void ends.push('end'),
    onError: (message) => void ends.push(message),
  });
  return { stream, lines, ends, reader };
}

describe('a line source', () => {
  it('gives lines without their ends, and what stands behind the last one', async () => {
    const { stream, lines, ends } = source();
    stream.end('one\ntwo\r\n\nthree\rstill');
    await endOfTurn();
    expect(lines).toEqual(['one', 'two', '', 'three\rstill']);
    expect(ends).toEqual(['end']);
  });

  it('gives the same lines however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', '\n', '\r\n', 'ü')), fc.array(fc.nat(4)), async (parts, cuts) => {
        const whole = Buffer.from(parts.join(''));
        const { stream, lines } = source();
        let at = 0;
        for (const cut of cuts) {
          if (at + cut <= whole.length && cut > 0) stream.write(whole.subarray(at, (at += cut)));
        }
        stream.end(whole.subarray(at));
        await endOfTurn();
        const expected = whole.toString().split('\n').map((line) => line.replace(/\r$/, ''));
        if (whole.toString().endsWith('\n') || whole.length === 0) expected.pop();
        expect(lines).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('stops at once when nobody takes lines, and goes on where it was', async () => {
    const { stream, lines, ends, reader } = source(100, (line) => line !== 'stop');
    stream.write('a\nstop\nb\nstop\nlast');
    stream.end();
    await endOfTurn();
    expect(lines).toEqual(['a', 'stop']);
    reader.resume();
    expect(lines).toEqual(['a', 'stop', 'b', 'stop']);
    expect(ends).toEqual([]);
    reader.resume();
    await endOfTurn();
    expect(lines.at(-1)).toBe('last');
    expect(ends).toEqual(['end']);
  });

  it('fails at a line that is too long, wherever it is cut, and reads no further', async () => {
    const { stream, lines, ends } = source(5);
    stream.write('12345\n123');
    stream.write('456\nnot this\n');
    await endOfTurn();
    expect(lines).toEqual(['12345']);
    expect(ends).toEqual(['a line is longer than 5 bytes']);
    expect(stream.destroyed).toBe(true);
  });

  it('tells nothing after close, and of an error once', async () => {
    const closed = source();
    closed.reader.close();
    closed.stream.end('x\n');
    const failed = source();
    failed.stream.destroy(new Error('gone'));
    await endOfTurn();
    expect([...closed.lines, ...closed.ends]).toEqual([]);
    expect(failed.ends).toEqual(['standard input: gone']);
  });
});
