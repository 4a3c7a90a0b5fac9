import { describe, expect, it } from 'vitest';
import { conclude } from '../../src/gate/verdict.ts';

const good = { project: 'a', passed: 3, skipped: 0, failures: [] };
const bad = { project: 'b', passed: 1, skipped: 2, failures: [{ test: 'sums', message: 'expected 1 to be 2' }] };

describe('the verdict', () => {
  it('closes with the sums and nothing else when all is well', () => {
    expect(conclude({ nxStatus: 0, failedTargets: [], reports: [good, good] })).toEqual({
      ok: true,
      lines: ['6 passed, 0 failed'],
    });
  });

  it('shows failed tests and counts their target only once', () => {
    const verdict = conclude({ nxStatus: 1, failedTargets: ['b:test'], reports: [good, bad] });
    expect(verdict.ok).toBe(false);
    expect(verdict.lines).toEqual(['FAIL  b  sums', '      expected 1 to be 2', '', '4 passed, 1 failed, 2 skipped']);
  });

  it.each([
    ['a lint error', ['a:lint']],
    ['a test run that crashed after its tests', ['a:test']],
  ])('counts %s as a failure', (_, failedTargets) => {
    const verdict = conclude({ nxStatus: 1, failedTargets, reports: [good] });
    expect(verdict.ok).toBe(false);
    expect(verdict.lines.at(-1)).toBe('3 passed, 1 failed');
  });

  it('believes the exit status of Nx when no target is named', () => {
    const verdict = conclude({ nxStatus: 130, failedTargets: [], reports: [good] });
    expect(verdict).toMatchObject({ ok: false });
    expect(verdict.lines.at(-1)).toBe('3 passed, 1 failed');
  });

  it('is not ok when no test ran', () => {
    const verdict = conclude({ nxStatus: 0, failedTargets: [], reports: [] });
    expect(verdict.ok).toBe(false);
    expect(verdict.lines).toEqual(['FAIL  no test ran', '', '0 passed, 0 failed']);
  });

  it('cuts long messages', () => {
    const long = { ...bad, failures: [{ test: 't', message: Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n') }] };
    const { lines } = conclude({ nxStatus: 1, failedTargets: [], reports: [long] });
    expect(lines).toContain('      … 18 more lines');
  });
});
