// `npm run boundaries`: checks that the workspace keeps the shape its design gives it. One line per violation, exit
// status 1 if there is any. What is checked stands in `boundaries/`, one family of rules per file; which layer may
// depend on which is one table, `boundaries/layers.ts`.

import { resolve } from 'node:path';
import { checkWorkspace } from './boundaries/check.ts';
import { exceptions } from './boundaries/exceptions.ts';

const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../../..'));
const { lines, files, projects } = checkWorkspace(root, exceptions);
for (const line of lines) console.log(line);
console.log(`${lines.length} violations in ${files} files of ${projects} projects`);
process.exitCode = lines.length === 0 ? 0 : 1;
