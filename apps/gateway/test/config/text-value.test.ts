import { describe, expect, it } from 'vitest';
import { settings, type Setting } from '../../src/config/catalogue.ts';
import { fromText, toText } from '../../src/config/text-value.ts';

function settingAt(path: string): Setting {
  const setting = settings.find((candidate) => candidate.path === path);
  if (setting === undefined) throw new Error(path);
  return setting;
}

describe('text values', () => {
  it.each([
    ['limits.maxHeaders', '12', 12],
    ['limits.maxHeaders', '-3', -3],
    ['limits.maxHeaders', '0x10', '0x10'],
    ['demo', 'ON', true],
    ['demo', 'constructor', 'constructor'],
    ['root', '', null],
    ['origins', 'https://a.example , *', ['https://a.example', '*']],
    ['history.overrides', '[', '['],
  ])('%s reads %j', (path, text, value) => {
    expect(fromText(settingAt(path), text)).toEqual(value);
  });

  it('every default that is no secret and is set is read back from its text', () => {
    for (const setting of settings) {
      const text = toText(setting, setting.default);
      if (!text.startsWith('(')) expect(fromText(setting, text), setting.path).toEqual(setting.default);
    }
  });

  it('secrets are counted, not shown', () => {
    expect(toText(settingAt('auth.tokens'), ['one', 'two'])).toBe('(2 set)');
    expect(toText(settingAt('auth.adminToken'), 'three')).toBe('(set)');
  });
});
