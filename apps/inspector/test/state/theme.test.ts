import { expect, it } from 'vitest';
import { nextTheme, startTheme, theme } from '../../src/state/theme.ts';

it('takes up what was chosen, and keeps what is', () => {
  const kept = new Map([['sluice-inspector-theme', 'dark']]);
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const root = { dataset: {} as Record<string, string | undefined> };
  startTheme({ storage, root });
  expect(theme.get()).toBe('dark');
  expect(root.dataset['theme']).toBe('dark');
  theme.set('light');
  expect(root.dataset['theme']).toBe('light');
  expect([...kept.values()]).toEqual(['light']);
});

it('a browser that keeps nothing shows what the system has', () => {
  const fail = (): never => {
    throw new Error('no storage');
  };
  const root = { dataset: {} as Record<string, string | undefined> };
  startTheme({ storage: { getItem: fail, setItem: fail }, root });
  expect(root.dataset['theme']).toBe('system');
  theme.set('dark');
  expect(root.dataset['theme']).toBe('dark');
});

it('goes round', () => expect([nextTheme('system'), nextTheme('light'), nextTheme('dark')]).toEqual(['light', 'dark', 'system']));
