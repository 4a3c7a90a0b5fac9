import { describe, expect, it } from 'vitest';
import { failures, UsageError } from '../src/failure.ts';

describe('Failures', () => {
  it('each say their own name, a close code, a reason that fits a close frame, and a section', () => {
    for (const [code, failure] of Object.entries(failures)) {
      expect(failure.code).toBe(code);
      expect(failure.fault).toBe('peer');
      expect([1002, 1007, 1009]).toContain(failure.closeCode);
      expect(failure.reason.length).toBeLessThanOrEqual(123);
      expect(failure.section).toMatch(/^RFC (6455|7692), section \d/);
      expect(Object.isFrozen(failure)).toBe(true);
    }
  });

  it('are told from the caller’s own mistakes', () => {
    const error = new UsageError('closed', 'too late');
    expect(error).toMatchObject({ name: 'UsageError', fault: 'caller', code: 'closed', message: 'too late' });
  });
});
