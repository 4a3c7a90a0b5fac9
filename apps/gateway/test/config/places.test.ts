import { expect, it } from 'vitest';
import { listenerSpelling, locator } from '../../src/config/places.ts';
import { loaded } from './loading.ts';

const { sources } = loaded({ file: { command: ['127.0.0.1:3'] }, env: { SLUICE_HTTPS: '' }, argv: ['--http', '127.0.0.1:1'] });

it('A setting is named as its source spells it', () => {
  expect(['http', 'https', 'command', 'admin'].map(locator(sources))).toEqual(['--http', 'SLUICE_HTTPS', 'sluice.json: command', 'admin']);
  expect(() => locator(sources)('nothing')).toThrow('no setting is called nothing');
});

it('One address of a listener is named as its source spells it, and by its flag where it is the default', () => {
  const spelling = listenerSpelling(sources);
  expect(['http', 'https', 'command', 'admin'].map((path) => spelling(path, 'a:1'))).toEqual(['--http a:1', 'SLUICE_HTTPS=a:1', 'sluice.json: command: a:1', '--admin a:1']);
});
