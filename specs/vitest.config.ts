import { projectTests } from '../vitest.shared.ts';

// Most of the time goes into waiting for processes and pages, and this project's tests are the last to run.
export default projectTests({ maxWorkers: 3 });
