// Certificates in a directory, each with its key beside it: NAME.pem and NAME.key. A pair is there or not; half of one is a mistake.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { MadeCertificate } from './cert-maker.ts';

/** Keys are for their owner alone; certificates are not secret. */
const keyMode = 0o600;
const certificateMode = 0o644;

export class CertificateFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  certificatePath(name: string): string {
    return join(this.directory, `${name}.pem`);
  }

  keyPath(name: string): string {
    return join(this.directory, `${name}.key`);
  }

  /** The one that is missing where the other is there. */
  missingHalf(name: string): string | null {
    const paths = [this.certificatePath(name), this.keyPath(name)];
    const there = paths.filter((path) => existsSync(path));
    return there.length === 1 ? (paths.find((path) => path !== there[0]) ?? null) : null;
  }

  has(name: string): boolean {
    return existsSync(this.certificatePath(name)) && existsSync(this.keyPath(name));
  }

  /** @throws Error of the file system's */
  read(name: string): MadeCertificate {
    return { certificate: readFileSync(this.certificatePath(name), 'utf8'), key: readFileSync(this.keyPath(name), 'utf8') };
  }

  /**
   * Writes both. What is there stays, unless it is to be replaced; then a new file takes its place, so that its mode is right too.
   * @throws Error of the file system's
   */
  write(name: string, { certificate, key }: MadeCertificate, replace: boolean): void {
    this.#makeDirectory();
    for (const [path, content, mode] of [
      [this.keyPath(name), key, keyMode],
      [this.certificatePath(name), certificate, certificateMode],
    ] as const) {
      if (replace) rmSync(path, { force: true });
      writeFileSync(path, content, { flag: 'wx', mode });
    }
  }

  /** What is in a new directory is not for git, keys above all. A directory that was in use stays as it is. */
  #makeDirectory(): void {
    try {
      makeDirectories(this.directory);
    } catch (error) {
      throw new Error(`--dir: ${this.directory} cannot be made: ${(error as Error).message}`, { cause: error });
    }
    if (!statSync(this.directory).isDirectory()) throw new Error(`--dir: ${this.directory} is not a directory`);
    if (readdirSync(this.directory).length === 0) writeFileSync(join(this.directory, '.gitignore'), '*\n');
  }
}

/**
 * Makes the directory and each that is missing above it. `mkdirSync` with `recursive: true` never returns below /proc: mkdir(2) reports
 * ENOENT there, Node makes the parent, which is there already, and tries again.
 */
function makeDirectories(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const directory of missing) mkdirSync(directory);
}
