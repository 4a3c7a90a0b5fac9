import { describe, expect, it } from 'vitest';
import { printable, printableLines } from '../../src/client/printable.ts';

const controls = String.fromCodePoint(...Array.from({ length: 32 }, (_, at) => at), ...Array.from({ length: 33 }, (_, at) => 0x7f + at));

describe('text of others on a terminal', () => {
  it('keeps what can be seen', () => {
    const text = 'a [31m é 漢字 👩🏽 ~';
    expect([printable(text), printableLines(`${text}\t1\n2`)]).toEqual([text, `${text}\t1\n2`]);
  });

  it('has nothing that a terminal obeys', () => {
    expect(printable(controls)).toBe('\ufffd'.repeat(controls.length));
    expect(printableLines(controls)).toBe(`${'\ufffd'.repeat(9)}\t\n${'\ufffd'.repeat(controls.length - 11)}`);
  });

  it('does not change the direction it is read in', () => {
    for (const mark of '\u061c\u200e\u200f\u202a\u202e\u2066\u2069') expect([printable(`a${mark}b`), printableLines(`a${mark}b`)]).toEqual(['a\ufffdb', 'a\ufffdb']);
  });
});
