import { expect, it } from 'vitest';
import { settings, type Setting } from '../../src/config/catalogue.ts';
import { readNamedText } from '../../src/config/named-text.ts';
import { formatProblem } from '../../src/config/problems.ts';

function read(path: string, text: string): unknown {
  const setting = settings.find((candidate) => candidate.path === path) as Setting;
  const { value, problems } = readNamedText(setting, 'NAME', text, (other) => `NAME=${other}`);
  return problems.length === 0 ? value : problems.map(formatProblem);
}

it('A text is read as the setting takes it, and its problems name the flag or variable', () => {
  expect(read('limits.maxHeaders', '50')).toBe(50);
  expect(read('http', '127.0.0.1:1, 2')).toEqual(['NAME: expected HOST:PORT, got "2"; use NAME=127.0.0.1:2']);
  expect(read('auth.tokens', 'good,b@d')).toEqual([expect.stringMatching(/^NAME\[1\]: expected a bearer token/)]);
});

it('JSON in it has its mistakes named by line and column; what was not meant as JSON has not', () => {
  expect(read('history.overrides', '[{"pattern":"a"}]')).toEqual([{ pattern: 'a' }]);
  expect(read('history.overrides', '[\n{"pattern":"a"')).toEqual(['NAME: line 2, column 15: not JSON: expected a comma or }, got the end of the text']);
  expect(read('history.overrides', 'a')).toEqual(['NAME: expected a list of objects with pattern, count, bytes, ageMs, got "a"']);
});
