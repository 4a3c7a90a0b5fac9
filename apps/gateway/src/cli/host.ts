// What the command line touches of its process, as one value, so that tests can run it without one.

import { readFileSync } from 'node:fs';
import { directoryProblem, type DirectoryProblem, type Environment, type ReadFile } from '../config/index.ts';
import { reportLostOutput } from '../closed-output.ts';
import { packageVersion } from '../package-version.ts';

export interface Host {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly directoryProblem: DirectoryProblem;
  /** Columns of the terminal, or the width to assume where there is none. */
  readonly columns: number;
  readonly version: () => string;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** How to run this program again, for hints: `npx sluice` if npm has started it, because then it need not be in PATH. */
export function invocation(env: Environment): string {
  return env['npm_command'] === undefined ? 'sluice' : 'npx sluice';
}

/** The process this runs in. */
export function processHost(): Host {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    directoryProblem,
    columns: process.stdout.columns ?? 100,
    version: () => `${packageVersion()} (Node ${process.versions.node})`,
    print: (text) => void process.stdout.write(text, reportLostOutput),
    printError: (text) => void process.stderr.write(text),
  };
}
