// From what Nx said and what the reports hold to the closing lines and the exit status.

import type { ProjectReport } from './reports.ts';

export interface GateRun {
  readonly nxStatus: number;
  /** `project:target` ids. */
  readonly failedTargets: readonly string[];
  readonly reports: readonly ProjectReport[];
}

export interface Verdict {
  readonly ok: boolean;
  /** Failures first, the closing line last. */
  readonly lines: readonly string[];
}

const maxMessageLines = 12;

function indented(message: string): string[] {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const shown = lines.slice(0, maxMessageLines).map((line) => `      ${line}`);
  return lines.length > maxMessageLines ? [...shown, `      … ${lines.length - maxMessageLines} more lines`] : shown;
}

/**
 * Adds everything up. A failed target that has no failed test to show (a lint error, a test run that crashed) counts as one
 * failure; so does a run that Nx failed without naming a target, and a run in which no test ran.
 */
export function conclude(run: GateRun): Verdict {
  const lines: string[] = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const explained = new Set<string>();
  for (const report of run.reports) {
    passed += report.passed;
    skipped += report.skipped;
    failed += report.failures.length;
    if (report.failures.length > 0) explained.add(`${report.project}:test`);
    for (const failure of report.failures) {
      lines.push(`FAIL  ${report.project}  ${failure.test}`, ...indented(failure.message));
    }
  }
  for (const target of run.failedTargets) {
    if (explained.has(target)) continue;
    failed++;
    lines.push(`FAIL  ${target}  (its output is above)`);
  }
  if (run.nxStatus !== 0 && failed === 0) {
    failed++;
    lines.push(`FAIL  nx ended with status ${run.nxStatus} and named no failed target`);
  }
  if (passed === 0 && failed === 0) lines.push('FAIL  no test ran');
  const ok = failed === 0 && passed > 0;
  if (lines.length > 0) lines.push('');
  lines.push(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return { ok, lines };
}
