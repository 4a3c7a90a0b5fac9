import * as fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { safePath } from '../../src/static/safe-path.ts';

describe('safePath', () => {
  it.each([
    ['/', ''],
    ['/a', 'a'],
    ['/a/b.txt', 'a/b.txt'],
    ['/a/', 'a/'],
    ['/%C3%BC%20x', 'ü x'],
    ['/.well-known/x', '.well-known/x'],
    ['/a%2fb', 'a/b'],
  ])('%s is %j', (path, safe) => {
    expect(safePath(path)).toBe(safe);
  });

  it.each(['', 'a', '*', '//', '/a//b', '/..', '/../a', '/a/..', '/%2e%2e/a', '/a%2f..%2f..', '/.git', '/a/.env', '/a%00', '/a%5cb', '/%', '/%zz', '/%ff'])(
    '%j is refused',
    (path) => {
      expect(safePath(path)).toBeNull();
    },
  );

  it('what is let through stays below the root, whatever it was made of', () => {
    const piece = fc.constantFrom('a', '.', '..', '/', '%2e', '%2f', '%5c', '\\', '%00', '%25', 'ü', '...');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const safe = safePath(`/${pieces.join('')}`);
        if (safe === null) return true;
        return posix.join('/root', safe).startsWith('/root') && !safe.split('/').includes('..') && !safe.startsWith('/');
      }),
    );
  });
});
