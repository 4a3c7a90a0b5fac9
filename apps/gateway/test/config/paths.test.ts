import * as Schema from 'effect/Schema';
import { expect, it } from 'vitest';
import { settings } from '../../src/config/catalogue.ts';
import { pathsFrom } from '../../src/config/paths.ts';
import { list, optionalText, records, text, type TextForm } from '../../src/config/setting.ts';

const word: TextForm = { placeholder: 'WORD', expected: 'a word', pattern: /^.+$/u };
const path: TextForm = { ...word, isPath: true };

it('Relative paths in texts, lists and records get the directory in front; everything else stays', () => {
  expect(pathsFrom('/etc', optionalText('', path), 'a/b')).toBe('/etc/a/b');
  expect(pathsFrom('/etc', optionalText('', path), '/srv/b')).toBe('/srv/b');
  expect(pathsFrom('/etc', optionalText('', path), null)).toBeNull();
  expect(pathsFrom('.', text('', path), 'a')).toBe('a');
  expect(pathsFrom('/etc', text('', word), 'a')).toBe('a');
  expect(pathsFrom('/etc', list('', path, []), ['a', '/b'])).toEqual(['/etc/a', '/b']);
  const record = Schema.Struct({ file: Schema.optionalKey(text('', path)), name: text('', word) });
  expect(pathsFrom('/etc', records('', record), [{ file: 'a', name: 'a' }, { name: 'b' }])).toEqual([{ file: '/etc/a', name: 'a' }, { name: 'b' }]);
});

it('The settings that name files are these', () => {
  expect(settings.filter(({ notes }) => notes.isPath).map(({ path: at }) => at)).toEqual(['root', 'pidFile', 'tls.cert', 'tls.key', 'tls.ca']);
});
