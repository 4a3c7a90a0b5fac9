// Whether a directory that a setting names can be served.

import { accessSync, constants, statSync } from 'node:fs';

/** Why it cannot, to stand behind its path (`does not exist`); null if it can. */
export type DirectoryProblem = (path: string) => string | null;

export const directoryProblem: DirectoryProblem = (path) => {
  try {
    if (!statSync(path).isDirectory()) return 'is not a directory';
    accessSync(path, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
    return code === 'EACCES' ? 'may not be read by this user' : `cannot be read: ${message}`;
  }
};
