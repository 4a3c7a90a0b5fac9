import { describe, expect, it } from 'vitest';
import { Cancellation } from '../../src/connector/cancellation.ts';

describe('a cancellation', () => {
  it('tells every listener once, and says that it was', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const second = (): void => void told.push('second');
    cancellation.addEventListener('abort', () => void told.push(`first ${cancellation.aborted}`));
    cancellation.addEventListener('abort', second);
    expect(cancellation.aborted).toBe(false);
    cancellation.cancel();
    cancellation.cancel();
    expect(told).toEqual(['first true', 'second']);
  });

  it('forgets who no longer listens, in a listener too, and tells nobody who comes late', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const gone = (): void => void told.push('gone');
    const once = (): void => {
      cancellation.removeEventListener('abort', once);
      told.push('once');
    };
    cancellation.addEventListener('abort', gone);
    cancellation.addEventListener('abort', once);
    cancellation.removeEventListener('abort', gone);
    cancellation.cancel();
    cancellation.addEventListener('abort', () => void told.push('late'));
    cancellation.cancel();
    expect(told).toEqual(['once']);
  });
});
