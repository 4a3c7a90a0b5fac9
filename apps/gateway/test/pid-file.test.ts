import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdPidFile, pidFileIsFree } from '../src/pid-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-pid-'));
  path = join(directory, 'gateway.pid');
});
afterEach(() => rmSync(directory, { recursive: true }));

const isFree = (): Promise<void> => Effect.runPromise(pidFileIsFree(path));
/** A process that surely runs and is another one. */
const other = process.ppid;

describe('a pid file', () => {
  it('is held while the scope is open, and removed then', async () => {
    const scope = await Effect.runPromise(Scope.make());
    await Effect.runPromise(Scope.provide(holdPidFile(path), scope));
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
    await Effect.runPromise(Scope.close(scope, Exit.void));
    expect(existsSync(path)).toBe(false);
  });

  it('that another process has taken over meanwhile is left alone', async () => {
    const scope = await Effect.runPromise(Scope.make());
    await Effect.runPromise(Scope.provide(holdPidFile(path), scope));
    writeFileSync(path, `${other}\n`);
    await Effect.runPromise(Scope.close(scope, Exit.void));
    expect(readFileSync(path, 'utf8')).toBe(`${other}\n`);
  });

  it('of another process that runs is an error that names it', async () => {
    writeFileSync(path, `${other}\n`);
    await expect(isFree()).rejects.toThrow(`the pid file ${path} is of process ${other}, which is running`);
  });

  it.each([
    ['nothing', null],
    ['this process', `${process.pid}\n`],
    ['a process that has ended', '2147483646\n'],
    ['no number', 'words\n'],
  ])('that names %s is free', async (_what, text) => {
    if (text !== null) writeFileSync(path, text);
    await isFree();
  });

  it.runIf(process.platform === 'linux')('that is older than the process it names is free: the number was used again', async () => {
    writeFileSync(path, `${other}\n`);
    utimesSync(path, new Date(0), new Date(0));
    await isFree();
  });

  it('that cannot be written is an error that names the setting', async () => {
    path = join(directory, 'not/there.pid');
    await expect(Effect.runPromise(Effect.scoped(holdPidFile(path)))).rejects.toThrow(/^the pid file .*not\/there\.pid cannot be written: ENOENT.*; name another file with --pid-file$/);
  });
});
