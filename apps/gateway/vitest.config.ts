import { projectTests } from '../../vitest.shared.ts';

// Half of the time goes into loading what each of the many files needs.
export default projectTests({ maxWorkers: 2 });
