import { statSync, type BigIntStats } from 'node:fs';
import { Pool, shareBytes } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { digestOf, identityOf, OpenFile } from '../../src/static/open-file.ts';

const second = 1_000_000_000n;
const stats = (more: Partial<Record<keyof BigIntStats, bigint>> = {}): BigIntStats => {
  const times = { mtimeNs: 1000n * second, ctimeNs: 2000n * second, ctimeMs: 2_000_000n };
  return { ...statSync(import.meta.filename, { bigint: true }), size: 5n, ...times, ...more } as BigIntStats;
};
const file = (of: BigIntStats, content: string | null = null, wallClockMs = 1e9): OpenFile => {
  const bytes = Buffer.from(content ?? '');
  return new OpenFile('path', of, content === null ? null : { content: shareBytes(new Pool('file'), bytes), digest: digestOf(bytes) }, 0, wallClockMs);
};

describe('the entity tag (RFC 9110 §8.8.3)', () => {
  it('of a file in memory is that of its content, whatever server it is on', () => {
    const [one, copy, other] = [file(stats(), 'hello'), file(stats({ ino: 7n, ctimeNs: 1n }), 'hello'), file(stats(), 'world')];
    expect(copy.etag).toBe(one.etag);
    expect(other.etag).not.toBe(one.etag);
    for (const each of [one, copy, other]) each.release();
  });

  it.each(['size', 'ino', 'mtimeNs', 'ctimeNs', 'dev'] as const)('of another file changes with its %s', (name) => {
    expect(file(stats({ [name]: 3n })).etag).not.toBe(file(stats()).etag);
    expect(identityOf(stats({ [name]: 3n }))).not.toBe(identityOf(stats()));
  });
});

describe('the time of modification', () => {
  it.each([
    [1000n * second, 1000],
    [1000n * second + 1n, 1001],
    [1001n * second - 1n, 1001],
  ])('of %i ns is rounded up to %i s', (mtimeNs, seconds) => {
    expect(file(stats({ mtimeNs })).modifiedSeconds).toBe(seconds);
  });

  it('less than a second ago is not settled', () => {
    expect(file(stats(), null, 2_000_900).isSettled).toBe(false);
    expect(file(stats(), null, 2_001_100).isSettled).toBe(true);
  });
});
