// Vitest's JSON reports: one per project, an output of its `test` target that Nx restores when it replays a cached run.
// They are deleted before a run, so that what is found afterwards belongs to it, and a project that has lost its tests
// is not counted from an old file.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../workspace.ts';

/** The part of the report that is read here. Statuses of tests: passed, failed, and several words for not run. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** What one project's tests came to. `problem` says why a report could not be used. */
export interface ProjectReport {
  readonly project: string;
  readonly passed: number;
  readonly skipped: number;
  /** One entry per failed test, and per file that failed without one (it could not be loaded). */
  readonly failures: readonly { readonly test: string; readonly message: string }[];
}

const reportFile = 'test-report.json';

export function deleteReports(root: string, projects: readonly Project[]): void {
  for (const project of projects) rmSync(join(root, project.directory, reportFile), { force: true });
}

/** The reports that the run left, by project; a project without one is absent. */
export function collectReports(root: string, projects: readonly Project[]): ProjectReport[] {
  const reports: ProjectReport[] = [];
  for (const project of projects) {
    const file = join(root, project.directory, reportFile);
    if (project.scripts.includes('test') && existsSync(file)) {
      reports.push(readReport(project.name, readFileSync(file, 'utf8')));
    }
  }
  return reports;
}

/** Counts one report. A report cut short is a failure that says so. */
export function readReport(project: string, json: string): ProjectReport {
  let report: VitestReport;
  try {
    report = JSON.parse(json) as VitestReport;
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unreadable';
    return { project, passed: 0, skipped: 0, failures: [{ test: reportFile, message }] };
  }
  let passed = 0;
  let skipped = 0;
  const failures: { test: string; message: string }[] = [];
  for (const file of report.testResults) {
    const failedBefore = failures.length;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed++;
      else if (test.status === 'failed') {
        failures.push({ test: test.fullName, message: test.failureMessages?.join('\n') ?? '' });
      } else skipped++;
    }
    if (file.status === 'failed' && failures.length === failedBefore) {
      failures.push({ test: file.name, message: file.message });
    }
  }
  return { project, passed, skipped, failures };
}
