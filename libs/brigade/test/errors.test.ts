// Several failures, one throw.

import { describe, expect, it } from 'vitest';
import { Failures, NotSentError, TruncatedError, UsageError } from '../src/errors.ts';

describe('Failures', () => {
  it('throws nothing when there was none', () => {
    expect(() => new Failures().rethrow('closing')).not.toThrow();
  });

  it('throws the only one as it is, even if it is no Error', () => {
    for (const thrown of [new Error('one'), 'text', undefined]) {
      const failures = new Failures();
      failures.add(thrown);
      const caught: unknown[] = [];
      try {
        failures.rethrow('closing');
      } catch (error) {
        caught.push(error);
      }
      expect(caught).toHaveLength(1);
      expect(caught[0]).toBe(thrown);
    }
  });

  it('throws several as one, in their order', () => {
    const failures = new Failures();
    const errors = [new Error('one'), new Error('two')];
    for (const error of errors) failures.add(error);
    let caught: unknown = null;
    try {
      failures.rethrow('closing the pool');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AggregateError);
    expect(caught).toMatchObject({ message: '2 failures while closing the pool', errors });
  });
});

describe('the errors', () => {
  it('are told apart by name, and by class', () => {
    for (const kind of [UsageError, NotSentError, TruncatedError]) {
      const error = new kind('what');
      expect(error).toMatchObject({ name: kind.name, message: 'what' });
      expect([UsageError, NotSentError, TruncatedError].filter((other) => error instanceof other)).toEqual([kind]);
    }
  });

  it('of a mark that was not sent say why by themselves', () => {
    expect(new NotSentError().message).toBe('released before everything in front of it was sent');
  });
});
