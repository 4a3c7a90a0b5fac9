// The limits are those the README promises; roles differ in one.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultLimits, failures } from '../src/index.ts';
import { resolveLimits } from '../src/limits.ts';

const readme = readFileSync(`${import.meta.dirname}/../README.md`, 'utf8');

describe('limits', () => {
  it.each(Object.keys(defaultLimits))('%s is documented, with its answer', (limit) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${limit}\` |`));
    expect(row).toBeDefined();
    const answer = /(\d{3}) `(\w+)` \|$/.exec(row ?? '');
    if (limit !== 'maxRequests') expect(failures).toMatchObject({ [answer?.[2] ?? '']: { status: Number(answer?.[1]) } });
  });

  it('bounds bodies in the server role only, unless asked', () => {
    expect(resolveLimits('server', undefined)).toBe(defaultLimits);
    expect(resolveLimits('client', undefined).maxBodyBytes).toBe(Number.MAX_SAFE_INTEGER);
    expect(resolveLimits('client', { maxBodyBytes: 5 })).toEqual({ ...defaultLimits, maxBodyBytes: 5 });
  });
});
