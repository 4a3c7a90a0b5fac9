import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { failureOf, failureOfStatus, sourceFailure } from '../src/failures.ts';

const nodeError = (fields: Partial<NodeJS.ErrnoException>): Error => Object.assign(new Error('as Node says it'), fields);

describe('failures', () => {
  it('names an errno as the contract does', () => {
    expect(failureOfStatus('read', -104)).toMatchObject({ operation: 'read', kind: 'connectionReset', code: 'ECONNRESET' });
  });

  it("names Node's errors, a failed lookup as one", () => {
    expect(failureOf('listen', nodeError({ code: 'EADDRINUSE' }))).toMatchObject({ operation: 'listen', kind: 'addressInUse' });
    expect(failureOf('connect', nodeError({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }))).toMatchObject({ operation: 'resolve', kind: 'notFound' });
    expect(failureOf('read', nodeError({})).message).toContain('as Node says it');
  });

  it('leaves what is named already', () => {
    const named = new TransportError('write', 'brokenPipe');
    expect(failureOf('read', named)).toBe(named);
  });

  it('says what a source did', () => {
    expect(sourceFailure(new Error('torn')).message).toContain('torn');
    expect(sourceFailure('short').kind).toBe('sourceFailed');
  });
});
