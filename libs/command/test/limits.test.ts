import { describe, expect, it } from 'vitest';
import { defaultClientLimits, defaultServerLimits, headBytes, privateBytes, userBytes } from '../src/index.ts';
import { resolveLimits } from '../src/limits.ts';

describe('Limits', () => {
  it('have a state of 8,192 bytes as their default', () => {
    expect(privateBytes + userBytes + headBytes).toBe(8192);
    expect(defaultServerLimits.maxMessageBytes).toBe(8064);
  });

  it('are the same object where nothing is given', () => {
    expect(resolveLimits('server', undefined)).toBe(defaultServerLimits);
    expect(resolveLimits('client', undefined)).toBe(defaultClientLimits);
    expect(resolveLimits('server', { maxInFlight: 1 })).toEqual({ maxMessageBytes: 8064, maxInFlight: 1 });
  });

  it('have ranges, ends included', () => {
    for (const maxMessageBytes of [16, 2 ** 30]) expect(resolveLimits('server', { maxMessageBytes }).maxMessageBytes).toBe(maxMessageBytes);
    for (const maxMessageBytes of [15, 2 ** 30 + 1, 16.5, Number.NaN]) expect(() => resolveLimits('server', { maxMessageBytes })).toThrow(/maxMessageBytes/);
    expect(() => resolveLimits('client', { maxInFlight: 0 })).toThrow(/maxInFlight/);
  });
});
