// Custom properties as colours that a canvas takes. They change with the theme.

import { useEffect, useState } from 'react';
import { theme } from '../state/theme.ts';
import { useStore } from '../state/use-store.tsx';
import { useMedia } from '../ui/use-media.tsx';

export function useColours(names: readonly string[]): readonly string[] {
  const chosen = useStore(theme);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const key = names.join(' ');
  const [colours, setColours] = useState<readonly string[]>([]);
  useEffect(() => {
    const probe = document.createElement('span');
    document.body.append(probe);
    const read = (name: string): string => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    setColours(key.split(' ').map(read));
    probe.remove();
  }, [key, chosen, isDark]);
  return colours;
}
