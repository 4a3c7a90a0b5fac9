import { describe, expect, it } from 'vitest';
import { checkLayout } from '../../src/boundaries/layout-rules.ts';
import { filesOf, project, type Tree } from './fixture.ts';

const projects = [project('libs/hub', 'hub'), project('apps/gateway', 'app'), project('specs', 'specs')];
const check = (tree: Tree): string[] =>
  checkLayout(filesOf({ 'libs/hub/README.md': '# Hub', ...tree }), projects).map((each) => `${each.where} ${each.rule}`);
const running = 'export function run() {}\n';

describe('layout', () => {
  it('wants a README of each lib', () => {
    expect(checkLayout([], projects)).toEqual([{ where: 'libs/hub', rule: 'readme', what: 'has no README.md' }]);
  });

  it.each(['libs/hub/test/store/log.test.ts', 'libs/hub/test/log.test.ts', 'libs/hub/src/store/log.test.ts'])(
    'takes %s for a namesake test',
    (test) => expect(check({ 'libs/hub/src/store/log.ts': running, [test]: '' })).toEqual([]),
  );

  it('wants a namesake test of each source that runs, and only of those', () => {
    expect(
      check({
        'libs/hub/src/log.ts': running,
        'libs/hub/test/other/log.test.ts': '',
        'apps/gateway/src/serve.ts': running,
        'libs/hub/src/index.ts': "export * from './log.ts';\n",
        'libs/hub/src/types.ts': 'export type A = 1;\n',
        'libs/hub/test/fixture.ts': running,
        'specs/src/driver.ts': running,
        'libs/hub/src/compliance/scene.ts': running,
      }),
    ).toEqual(['libs/hub/src/log.ts namesake', 'apps/gateway/src/serve.ts namesake']);
  });

  it('wants files of at most 600 lines, of code', () => {
    const lines = (count: number): string => 'x\n'.repeat(count);
    expect(
      check({ 'a.ts': lines(600), 'b.ts': lines(601), 'c.css': lines(601), 'package-lock.json': lines(9000) }),
    ).toEqual(['b.ts size', 'c.css size']);
  });

  it.each(['libs/hub/src/utils/a.txt', 'helpers.ts', 'a/common/b', 'x/misc.test.ts', 'x/util-strings.md', 'Helper.ts'])(
    'refuses the name %s',
    (path) => expect(check({ [path]: '' })).toEqual([`${path} name`]),
  );

  it.each(['docs/commonmark.md', 'utility.ts', 'miscellany.ts', 'vitest.shared.ts'])('accepts the name %s', (path) =>
    expect(check({ [path]: '' })).toEqual([]),
  );
});
