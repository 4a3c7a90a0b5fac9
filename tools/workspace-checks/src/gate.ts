// The gate: what `npm test` runs. Every lint, typecheck, build, boundaries and test target of the workspace runs through
// Nx, all of them to their end; then the tests of all projects are counted from vitest's JSON reports.
//
// The last line is `N passed, N failed` (with `, N skipped` where some are). Tests are what is counted; a test file that
// could not be loaded, and a target that failed without a failing test to show for it, count as one failure each.
// The exit status is 0 only if every target succeeded and at least one test ran.
//
// Arguments go on to Nx: `npm test -- --skip-nx-cache`, `npm test -- -p @sluice/brigade`.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { resolve } from 'node:path';
import { readNxFailures } from './gate/nx-output.ts';
import { collectReports, deleteReports } from './gate/reports.ts';
import { readProjects } from './workspace.ts';
import { conclude } from './gate/verdict.ts';

const root = resolve(import.meta.dirname, '../../..');
const targets = ['lint', 'typecheck', 'build', 'boundaries', 'test'];

/** Runs Nx, passing its output through as it comes; answers its exit status and what it said. */
async function runNx(extra: readonly string[]): Promise<{ status: number; output: string }> {
  const nx = findPackageJSON('nx', import.meta.url);
  if (nx === undefined) throw new Error('nx is not installed: run npm ci');
  const { bin } = JSON.parse(readFileSync(nx, 'utf8')) as { bin: { nx: string } };
  const args = [resolve(nx, '..', bin.nx), 'run-many', '-t', ...targets, '--output-style=stream', '--nx-bail=false', ...extra];
  const env = { ...process.env, NX_TUI: 'false' };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const heard: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => (heard.push(bytes), process.stdout.write(bytes)));
  child.stderr.on('data', (bytes: Buffer) => (heard.push(bytes), process.stderr.write(bytes)));
  const status = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done(code ?? 1));
  });
  return { status, output: Buffer.concat(heard).toString() };
}

const projects = readProjects(root);
deleteReports(root, projects);
const { status, output } = await runNx(process.argv.slice(2));
const verdict = conclude({
  nxStatus: status,
  failedTargets: readNxFailures(output),
  reports: collectReports(root, projects),
});
console.log(`\n${verdict.lines.join('\n')}`);
process.exitCode = verdict.ok ? 0 : 1;
