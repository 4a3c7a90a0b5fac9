import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { ConnectFailure } from '../../src/index.ts';

const address = { host: '10.0.0.1', port: 80 };

describe('a connect failure', () => {
  it('says where it stood and what happened', () => {
    const message = (facts: Omit<ConstructorParameters<typeof ConnectFailure>[0], 'address'>): string => new ConnectFailure({ address, ...facts }).message;
    expect(message({ stage: 'connecting', cause: new TransportError('connect', 'connectionRefused') })).toBe('10.0.0.1 port 80: connect failed: connectionRefused');
    expect(message({ stage: 'resolving', cause: new TransportError('resolve', 'timedOut') })).toBe('10.0.0.1 port 80: no answer in time while resolving');
    expect(message({ stage: 'handshaking', reason: 'truncated' })).toBe('10.0.0.1 port 80: closed by the server while handshaking');
    expect(message({ stage: 'connected', reason: 'idleTimeout' })).toBe('10.0.0.1 port 80: the connection was closed (idleTimeout)');
    expect(message({ stage: 'handshaking', reason: 'refused', refusal: { text: 'the server answered 401', status: 401, permanent: true } })).toBe('10.0.0.1 port 80: the server answered 401');
  });

  it('keeps the facts for a program', () => {
    const cause = new TransportError('connect', 'unreachable');
    expect(new ConnectFailure({ stage: 'connecting', address, cause })).toMatchObject({ name: 'ConnectFailure', stage: 'connecting', address, cause, reason: null, refusal: null });
  });
});
