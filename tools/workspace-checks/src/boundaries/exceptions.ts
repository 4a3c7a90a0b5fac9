// Files that a rule does not fit, each with the reason. An entry that is no longer needed is reported itself.

import type { Exception } from './violation.ts';

export const exceptions: readonly Exception[] = [];
