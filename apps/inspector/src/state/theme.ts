// Light, dark, or as the system has it. Kept in the browser; `data-theme` on the root element is all that the style sheet looks at.

import { Store } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

const key = 'sluice-inspector-theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = new Store<Theme>('system');

interface Surroundings {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly root: { readonly dataset: Record<string, string | undefined> };
}

/** Takes up what was chosen last, and keeps to what is chosen from now on. */
export function startTheme({ storage, root }: Surroundings): void {
  const apply = (): void => {
    root.dataset['theme'] = theme.get();
  };
  const kept = read(storage);
  theme.set(order.find((each) => each === kept) ?? 'system');
  apply();
  theme.subscribe(() => {
    apply();
    try {
      storage.setItem(key, theme.get());
    } catch {
      // A browser that keeps nothing still shows what was chosen.
    }
  });
}

export function nextTheme(current: Theme): Theme {
  return order[(order.indexOf(current) + 1) % order.length] ?? 'system';
}

function read(storage: Surroundings['storage']): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}
