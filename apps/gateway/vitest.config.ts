// Most of these many files load the same modules: loading them once for each worker takes a third of the time. Those that put something in a
// module's place have it for themselves.
import { projectTests } from '../../vitest.shared.ts';

const replacing = ['test/static/open-files.test.ts', 'test/static/static-files.test.ts'];

export default projectTests({
  maxWorkers: 2,
  projects: [
    { extends: false, ...projectTests({ name: 'together', isolate: false, exclude: ['**/node_modules/**', '**/dist/**', ...replacing] }) },
    { extends: false, ...projectTests({ name: 'apart', include: replacing }) },
  ],
});
