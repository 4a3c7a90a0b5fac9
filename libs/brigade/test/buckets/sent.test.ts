import { describe, expect, it } from 'vitest';
import { Brigade, makeSent, NotSentError, Pool, runSent } from '../../src/index.ts';
import '../sources.ts';

describe('sent', () => {
  it('is told once, though it stands in two brigades', () => {
    const told: unknown[] = [];
    const pool = new Pool('root');
    const mark = makeSent((error) => told.push(error));
    const [first, second] = [new Brigade(pool), new Brigade(pool)];
    first.append(mark.retain());
    second.append(mark);
    first.consume(0);
    second.destroy(new Error('late'));
    expect(told).toEqual([null]);
  });

  it('can be run by whoever took it out', () => {
    const told: unknown[] = [];
    const mark = makeSent((error) => told.push(error));
    runSent(mark, null);
    mark.release();
    expect(told).toEqual([null]);
  });

  it('is told by its last release that it was not sent', () => {
    const told: unknown[] = [];
    const mark = makeSent((error) => told.push(error)).retain();
    mark.release();
    expect(told).toEqual([]);
    mark.release();
    expect(told[0]).toBeInstanceOf(NotSentError);
  });
});
