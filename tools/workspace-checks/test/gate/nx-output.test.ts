import { describe, expect, it } from 'vitest';
import { readNxFailures } from '../../src/gate/nx-output.ts';

const closing = `
 NX   Running targets lint, build for 3 projects failed

Failed tasks:

- @sluice/timing:lint
- @sluice/hub:test

  Run duration:      2.3s
  - not:this
`;

describe('reading failed targets from Nx', () => {
  it('lists them in order and stops at the next section', () => {
    expect(readNxFailures(closing)).toEqual(['@sluice/timing:lint', '@sluice/hub:test']);
  });

  it('sees through colours and carriage returns', () => {
    expect(readNxFailures('\u001B[31mFailed tasks:\u001B[39m\r\n\r\n- a:b\r\n')).toEqual(['a:b']);
  });

  it('takes the last heading, as a project may print one of its own', () => {
    expect(readNxFailures(`Failed tasks:\n\n- fake:test\n${closing}`)).toEqual(['@sluice/timing:lint', '@sluice/hub:test']);
  });

  it('answers nothing for a run that went well', () => {
    expect(readNxFailures('NX   Successfully ran target lint')).toEqual([]);
  });
});
