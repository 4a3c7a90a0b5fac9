import { describe, expect, it } from 'vitest';
import { TransportError } from '../src/index.ts';

describe('a transport error', () => {
  it.each([
    ['EADDRINUSE', 'addressInUse'],
    ['EADDRNOTAVAIL', 'addressNotAvailable'],
    ['EACCES', 'permissionDenied'],
    ['ECONNREFUSED', 'connectionRefused'],
    ['ECONNRESET', 'connectionReset'],
    ['EPIPE', 'brokenPipe'],
    ['ETIMEDOUT', 'timedOut'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENOTFOUND', 'notFound'],
    ['EMFILE', 'tooManyDescriptors'],
    ['EWHATEVER', 'other'],
    ['toString', 'other'],
    ['constructor', 'other'],
  ])('knows %s as %s and keeps the code', (code, kind) => {
    const error = TransportError.fromCode('read', code);
    expect(error.kind).toBe(kind);
    expect(error.code).toBe(code);
    expect(error.operation).toBe('read');
  });

  it('says operation, kind, code and detail, each once', () => {
    expect(new TransportError('listen', 'addressInUse', 'EADDRINUSE', '127.0.0.1:80').message).toBe('listen failed: addressInUse (EADDRINUSE): 127.0.0.1:80');
    expect(new TransportError('write', 'sourceFailed').message).toBe('write failed: sourceFailed');
    expect([new TransportError('write', 'sourceFailed').detail, new TransportError('listen', 'addressInUse', 'EADDRINUSE', '127.0.0.1:80').detail]).toEqual(['', '127.0.0.1:80']);
  });

  it('has a code also where the platform gave none', () => {
    const error = TransportError.fromCode('connect', undefined);
    expect(error.kind).toBe('other');
    expect(error.code).toBe('UNKNOWN');
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('TransportError');
  });
});
