import { describe, expect, it } from 'vitest';
import { Brigade, makeEos, makeFlush, makeSent, streamBucket, UsageError } from '../src/index.ts';
import { brigade, pool, useFreshBrigade } from './fresh-brigade.ts';
import { bytesOf, fill, MemoryFile, namesIn, Pieces, textIn } from './sources.ts';

useFreshBrigade();

describe('splitLine', () => {
  it('moves everything up to the LF, across buckets', () => {
    fill(brigade, 'blah blah blah-', 'end of line.\nfoo foo foo');
    const line = brigade.splitLine(100) as Brigade;
    expect(textIn(line)).toBe('blah blah blah-end of line.\n');
    expect(textIn(brigade)).toBe('foo foo foo');
  });

  it('knows no line yet from a line that is too long', () => {
    fill(brigade, '12345', '678');
    expect(brigade.splitLine(9)).toBe('incomplete');
    expect(brigade.splitLine(8)).toBe('tooLong');
    fill(brigade, '\n');
    expect(brigade.splitLine(8)).toBe('tooLong');
    expect(brigade.count).toBe(3);
    expect(textIn(brigade.splitLine(9) as Brigade)).toBe('12345678\n');
    expect(brigade.splitLine(9)).toBe('incomplete');
  });

  it('reads files and streams on the way', () => {
    const file = new MemoryFile('one\ntwo');
    const handle = file.open(pool);
    brigade.insertFile(handle, 0, 7);
    handle.release();
    brigade.append(streamBucket(new Pieces(' and\n', 'three'), pool));
    expect(textIn(brigade.splitLine(100) as Brigade)).toBe('one\n');
    expect(textIn(brigade.splitLine(100) as Brigade)).toBe('two and\n');
    expect(file.closed).toBe(1);
    expect(brigade.splitLine(100)).toBe('incomplete');
    expect(textIn(brigade)).toBe('three');
  });
});

describe('splitBoundary', () => {
  it('moves what is before the boundary and drops the boundary, wherever it was cut', () => {
    const whole = 'some data--boundthe rest';
    for (let cut = 1; cut < whole.length; cut++) {
      fill(brigade, whole.slice(0, cut), whole.slice(cut));
      const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
      expect(found).toBe(true);
      expect(textIn(data)).toBe('some data');
      expect(textIn(brigade)).toBe('the rest');
      data.destroy();
      brigade.destroy();
    }
  });

  it('holds back what may be the beginning of it', () => {
    fill(brigade, 'some data-', '-bo');
    const first = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(first.data), first.found]).toEqual(['some data', false]);
    expect(textIn(brigade)).toBe('--bo');
    fill(brigade, 'at');
    const second = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(second.data), second.found]).toEqual(['--boat', false]);
    expect(brigade.isEmpty).toBe(true);
  });

  it('finds a boundary that begins inside a false beginning of it', () => {
    fill(brigade, 'aab', 'aabaac');
    const { data, found } = brigade.splitBoundary(bytesOf('aabaac'));
    expect([textIn(data), found]).toEqual(['aab', true]);
    fill(brigade, 'ababab', 'ac');
    expect(textIn(brigade.splitBoundary(bytesOf('ababac')).data)).toBe('ab');
  });

  it('holds nothing back before an EOS, which stays', () => {
    fill(brigade, 'data--bo');
    brigade.append(makeEos());
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
    expect([textIn(data), found]).toEqual(['data--bo', false]);
    expect(namesIn(brigade)).toEqual(['eos']);
  });

  it('keeps marks in front of and inside the boundary', () => {
    const told: unknown[] = [];
    fill(brigade, 'data');
    brigade.append(makeSent((error) => told.push(error)));
    fill(brigade, '--bo');
    brigade.append(makeFlush());
    fill(brigade, 'und');
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'));
    expect(found).toBe(true);
    expect(namesIn(data)).toEqual(['transient', 'sent', 'flush']);
    expect(told).toEqual([]);
    data.consume(4);
    expect(told).toEqual([null]);
  });

  it('looks at no more than it is allowed to', () => {
    fill(brigade, '0123456789--bound');
    const { data, found } = brigade.splitBoundary(bytesOf('--bound'), 11);
    expect([textIn(data), found]).toEqual(['0123456789', false]);
    expect(() => brigade.splitBoundary(new Uint8Array(0))).toThrow(UsageError);
  });
});
