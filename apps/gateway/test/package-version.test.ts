import { expect, it } from 'vitest';
import { packageVersion } from '../src/package-version.ts';

it('is a version', () => {
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
