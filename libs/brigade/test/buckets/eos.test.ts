import { describe, expect, it } from 'vitest';
import { Brigade, eosType, makeEos, Pool } from '../../src/index.ts';
import { bytesOf, namesIn, textIn } from '../sources.ts';

describe('eos', () => {
  it('marks its place, takes no bytes, and is passed by consume', () => {
    const brigade = new Brigade(new Pool('root'));
    brigade.write(bytesOf('ab'));
    brigade.append(makeEos());
    brigade.write(bytesOf('cd'));
    expect(namesIn(brigade)).toEqual(['heap', 'eos', 'heap']);
    expect([brigade.length, textIn(brigade), brigade.at(1).type]).toEqual([4, 'abcd', eosType]);
    brigade.consume(1);
    expect(brigade.count).toBe(3);
    brigade.consume(1);
    expect(namesIn(brigade)).toEqual(['heap']);
  });
});
