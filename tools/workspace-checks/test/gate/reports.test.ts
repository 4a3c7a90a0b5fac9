import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { collectReports, deleteReports, readReport } from '../../src/gate/reports.ts';
import type { Project } from '../../src/workspace.ts';

const test = (fullName: string, status: string, failureMessages: string[] = []) => ({ fullName, status, failureMessages });
const file = (status: string, assertionResults: ReturnType<typeof test>[], message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults,
});
const json = (...testResults: ReturnType<typeof file>[]): string => JSON.stringify({ success: true, testResults });

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function project(root: string, directory: string, scripts: string[]): Project {
  mkdirSync(join(root, directory), { recursive: true });
  return { name: directory, directory, layer: null, scripts, dependencies: [], devDependencies: [] };
}

describe('counting one report', () => {
  it('adds up passed, failed and everything that did not run', () => {
    const report = readReport(
      'p',
      json(
        file('passed', [test('a', 'passed'), test('b', 'passed'), test('c', 'skipped'), test('d', 'todo')]),
        file('failed', [test('e', 'failed', ['expected 1 to be 2']), test('f', 'pending')]),
      ),
    );
    expect(report).toEqual({
      project: 'p',
      passed: 2,
      skipped: 3,
      failures: [{ test: 'e', message: 'expected 1 to be 2' }],
    });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = readReport('p', json(file('failed', [], 'Cannot find module')));
    expect(report.failures).toEqual([{ test: 'a.test.ts', message: 'Cannot find module' }]);
  });

  it('counts a report cut short as a failure', () => {
    expect(readReport('p', '{"testResults": [').failures).toHaveLength(1);
  });
});

describe('the reports of a workspace', () => {
  it('are deleted before a run and found after it, for projects that have tests', () => {
    const root = mkdtempSync(join(tmpdir(), 'gate-'));
    roots.push(root);
    const tested = project(root, 'tested', ['test']);
    const stale = project(root, 'stale', ['lint']);
    const silent = project(root, 'silent', ['test']);
    for (const each of [tested, stale]) writeFileSync(join(root, each.directory, 'test-report.json'), json());
    deleteReports(root, [tested, stale, silent]);
    expect(existsSync(join(root, 'tested/test-report.json'))).toBe(false);
    for (const each of [tested, stale]) {
      writeFileSync(join(root, each.directory, 'test-report.json'), json(file('passed', [test('a', 'passed')])));
    }
    expect(collectReports(root, [tested, stale, silent])).toEqual([
      { project: 'tested', passed: 1, skipped: 0, failures: [] },
    ]);
  });
});
