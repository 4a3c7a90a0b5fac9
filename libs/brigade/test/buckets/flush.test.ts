import { describe, expect, it } from 'vitest';
import { Brigade, flushType, makeFlush, Pool } from '../../src/index.ts';
import { bytesOf, namesIn, textIn } from '../sources.ts';

describe('flush', () => {
  it('marks its place, takes no bytes, and is passed by consume', () => {
    const brigade = new Brigade(new Pool('root'));
    brigade.write(bytesOf('ab'));
    brigade.append(makeFlush());
    brigade.write(bytesOf('cd'));
    expect(namesIn(brigade)).toEqual(['heap', 'flush', 'heap']);
    expect([brigade.length, textIn(brigade), brigade.at(1).type]).toEqual([4, 'abcd', flushType]);
    brigade.consume(1);
    expect(brigade.count).toBe(3);
    brigade.consume(1);
    expect(namesIn(brigade)).toEqual(['heap']);
  });
});
