import { Brigade } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/index.ts';
import { spanBytes, writeConnectionFailure, writeFailure, writeGreeting, writeRefusal, writeReply, writeRequest } from '../src/writer.ts';
import { pool, textOf } from './wire.ts';

function written(write: (output: Brigade) => void): string {
  const output = new Brigade(pool);
  try {
    write(output);
    return textOf(output.flatten());
  } finally {
    output.destroy();
  }
}

describe('Heads that are written', () => {
  it.each<[string, (output: Brigade) => void]>([
    ['OK\r\n', (output) => writeGreeting(output)],
    ['ERR: ü\r\n', (output) => writeRefusal(output, 'ü')],
    ['ERR: ü\r\nSize: 0\r\n\r\n', (output) => writeConnectionFailure(output, 'ü')],
    ['OK\r\nSequence: a\r\nSize: 12\r\n\r\n', (output) => writeReply(output, 'a', 12)],
    ['ERR: \u{1f600}\r\nSequence: a\r\nSize: 0\r\n\r\n', (output) => writeFailure(output, '\u{1f600}', 'a', 0)],
    ['C ä b\r\nX-Y: é\r\nSequence: 1\r\n\r\n', (output) => writeRequest(output, 'C', ['ä', 'b'], '1', ['X-Y', 'é'], 0)],
    ['C\r\nSequence: 1\r\nSize: 3\r\n\r\n', (output) => writeRequest(output, 'C', [], '1', [], 3)],
  ])('%j', (text, write) => {
    expect(written(write)).toBe(text);
  });

  it.each<[string, (output: Brigade) => void]>([
    ['a text with CR LF', (output) => writeFailure(output, 'a\r\nSequence: b', 'a', 0)],
    ['a refusal with LF', (output) => writeRefusal(output, 'a\nb')],
    ['an empty command', (output) => writeRequest(output, '', [], '1', [], 0)],
    ['a command with a space', (output) => writeRequest(output, 'A B', [], '1', [], 0)],
    ['an empty argument', (output) => writeRequest(output, 'A', [''], '1', [], 0)],
    ['an argument with CR LF', (output) => writeRequest(output, 'A', ['a\r\n\r\nQUIT'], '1', [], 0)],
    ['a header without value', (output) => writeRequest(output, 'A', [], '1', ['X'], 0)],
    ['a name that is none', (output) => writeRequest(output, 'A', [], '1', ['X ', 'y'], 0)],
    ['a value with LF', (output) => writeRequest(output, 'A', [], '1', ['X', 'a\nb'], 0)],
    ['Sequence', (output) => writeRequest(output, 'A', [], '1', ['sequence', '2'], 0)],
    ['Size', (output) => writeRequest(output, 'A', [], '1', ['SIZE', '2'], 0)],
    ['a head over 8,064 bytes', (output) => writeRequest(output, 'A', ['x'.repeat(8064)], '1', [], 0)],
  ])('refuse %s, with nothing written', (_what, write) => {
    const output = new Brigade(pool);
    expect(() => write(output)).toThrow(UsageError);
    expect(output.isEmpty).toBe(true);
  });

  it('may have 8,064 bytes', () => {
    const rest = 'A \r\nSequence: 1\r\n\r\n'.length;
    expect(written((output) => writeRequest(output, 'A', ['x'.repeat(8064 - rest)], '1', [], 0)).length).toBe(8064);
  });

  it('know a span of bytes', () => {
    const bytes = new Uint8Array(4);
    expect([spanBytes(bytes, 0, 4), spanBytes(bytes, 2, 2), spanBytes(bytes, 4, 4)]).toEqual([4, 0, 0]);
    for (const [start, end] of [[-1, 2], [3, 2], [0, 5], [Number.NaN, 4]] as const) expect(() => spanBytes(bytes, start, end)).toThrow(UsageError);
  });
});
