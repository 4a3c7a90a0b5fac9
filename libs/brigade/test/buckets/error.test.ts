import { describe, expect, it } from 'vitest';
import { Brigade, bucketError, makeError, Pool } from '../../src/index.ts';
import { bytesOf, namesIn } from '../sources.ts';

describe('error', () => {
  it('carries its status and cause to its place', () => {
    const cause = new Error('upstream closed early');
    const brigade = new Brigade(new Pool('root'));
    brigade.write(bytesOf('partial body'));
    brigade.append(makeError(502, cause));
    expect(namesIn(brigade)).toEqual(['heap', 'error']);
    expect(bucketError(brigade.at(1))).toEqual({ status: 502, error: cause });
    brigade.consume(12);
    expect(brigade.isEmpty).toBe(true);
  });
});
