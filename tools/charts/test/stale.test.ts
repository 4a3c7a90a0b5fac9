import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findStale, writeDocuments } from '../src/stale.ts';

const pages = [
  { path: 'docs/a.md', text: 'one\ntwo\n' },
  { path: 'docs/deep/b.md', text: 'three\n' },
];
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'charts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('findStale', () => {
  it('names what is not there', () => {
    expect(findStale(root, pages)).toEqual(pages);
  });

  it('names what has another text, and only that', () => {
    writeDocuments(root, pages);
    expect(findStale(root, pages)).toEqual([]);
    writeFileSync(join(root, 'docs/a.md'), 'one\ntwo, by hand\n');
    expect(findStale(root, pages)).toEqual([pages[0]]);
  });

  it('does not mind how lines end', () => {
    writeDocuments(root, pages);
    writeFileSync(join(root, 'docs/a.md'), 'one\r\ntwo\r\n');
    expect(findStale(root, pages)).toEqual([]);
  });

  it('does not take a failure to read for a missing page', () => {
    writeDocuments(root, pages);
    expect(() => findStale(root, [{ path: 'docs', text: '' }])).toThrow('EISDIR');
  });
});

describe('writeDocuments', () => {
  it('makes the folders it needs', () => {
    writeDocuments(root, pages);
    expect(readFileSync(join(root, 'docs/deep/b.md'), 'utf8')).toBe('three\n');
  });
});
