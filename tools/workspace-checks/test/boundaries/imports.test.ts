import { describe, expect, it } from 'vitest';
import { exportsBehaviour, maskSource, readImports } from '../../src/boundaries/imports.ts';

const specifiers = (source: string): string[] => readImports(source).map((each) => each.specifier);

describe('reading imports', () => {
  it('finds every form, in order, with its line', () => {
    const source = [
      "import a from 'a';",
      'import type { B } from "b";',
      'import {',
      '  c, // a comment with a quote: it\'s here',
      "} from 'c';",
      "import 'd';",
      "export * from './e.ts';",
      "export type { F } from 'f';",
      "const g = await import('g');",
      "const h = require('h'), i = require.resolve('i');",
      "import * as j from 'j'; import k, { l } from 'k';",
    ].join('\n');
    expect(readImports(source)).toEqual([
      { specifier: 'a', line: 1 },
      { specifier: 'b', line: 2 },
      { specifier: 'c', line: 5 },
      { specifier: 'd', line: 6 },
      { specifier: './e.ts', line: 7 },
      { specifier: 'f', line: 8 },
      { specifier: 'g', line: 9 },
      { specifier: 'h', line: 10 },
      { specifier: 'i', line: 10 },
      { specifier: 'j', line: 11 },
      { specifier: 'k', line: 11 },
    ]);
  });

  it('is not taken in by comments, templates, regular expressions and strings', () => {
    expect(specifiers("// import 'a'\n/* import b from 'b' */\n/** from 'c' */")).toEqual([]);
    expect(specifiers("const text = `import 'a';\n${f(`import 'b'`)} export * from 'c'`;\nimport 'd';")).toEqual(['d']);
    expect(specifiers("const quote = /['\"`]/; import('x');")).toEqual(['x']);
    expect(specifiers("const half = a / b; const s = 'it\\'s'; import 'y';")).toEqual(['y']);
    expect(specifiers('const text = "import \'a\'"; import "b";')).toEqual(['b']);
    expect(specifiers("const from = Array.from('abc'); x.import('z'); export const e = { from: 'f' };")).toEqual([]);
  });

  it('sees code inside a template substitution', () => {
    expect(specifiers("const x = `${{ a: { b: 1 } }} ${await import('in')} text`;\nimport 'out';")).toEqual(['in', 'out']);
  });

  it('keeps offsets and lines when it masks', () => {
    const source = "a /* x\n y */ b `t${c}\n` 'd' // e";
    const masked = maskSource(source);
    expect(masked).toHaveLength(source.length);
    expect(masked.replace(/\s+/g, ' ').trim()).toBe("a b c ' '");
    expect(masked.indexOf('b')).toBe(source.indexOf('b'));
  });

  it('ends on text cut short anywhere', () => {
    const source = "`a${'b'}` /c/ /* d */ 'e' import 'f'";
    for (let end = 0; end <= source.length; end++) expect(maskSource(source.slice(0, end))).toHaveLength(end);
  });
});

describe('what a source exports', () => {
  it.each([
    ['a function', 'export function f(): void {}'],
    ['an async function', 'export async function f() {}'],
    ['a class', 'export class C {}'],
    ['an abstract class', 'export abstract class C {}'],
    ['an arrow', 'export const f = () => 1;'],
    ['a list of names', 'function f() {}\nexport { f };'],
    ['a default', 'export default function () {}'],
    ['an object with methods', 'export const table = {\n  run() { return 1; },\n};'],
  ])('runs: %s', (_, source) => expect(exportsBehaviour(source)).toBe(true));

  it.each([
    ['types', 'export interface A { b(): void }\nexport type C = () => void;'],
    ['re-exports', "export * from './a.ts';\nexport { f } from './b.ts';"],
    ['constants', 'export const NeedData = 0;\nexport const names = { a: 1 };'],
    ['nothing', 'function f() {}\nf();'],
    ['a comment about it', '// export function f() {}'],
  ])('does not run: %s', (_, source) => expect(exportsBehaviour(source)).toBe(false));
});
