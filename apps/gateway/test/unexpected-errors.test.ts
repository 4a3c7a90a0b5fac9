// What a process does with an error that nobody catches, in processes of its own.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const watch = join(import.meta.dirname, '../src/unexpected-errors.ts');

/** Throws in a timer what `error` gives, and says what came of it. */
function run(error: string): { readonly status: number | null; readonly said: string[] } {
  const script = `
    import { watchUnexpectedErrors } from ${JSON.stringify(watch)};
    const failures = { report: (where) => console.log(where) };
    watchUnexpectedErrors(failures, () => { console.log('fault'); process.exitCode = 1; });
    const fail = () => { throw ${error}; };
    setTimeout(fail);
    setTimeout(fail, 1);
    setTimeout(() => console.log('goes on'), 50);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { status, said: stdout.trim().split('\n') };
}

describe('an error that nobody caught', () => {
  it('of a system call: the process goes on', () => {
    const error = "Object.assign(new Error('too many open files'), { code: 'EMFILE', syscall: 'open' })";
    expect(run(error)).toEqual({ status: 0, said: ['a system call', 'a system call', 'goes on'] });
  });

  it('of the program: told once, so that it ends in good order', () => {
    expect(run("new TypeError('undefined is not a function')")).toEqual({ status: 1, said: ['the program', 'fault', 'the program', 'goes on'] });
  });
});
