import { Button } from 'react-aria-components';
import { nextTheme, theme, type Theme } from '../state/theme.ts';
import { useStore } from '../state/use-store.tsx';

const names: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

export function ThemeButton() {
  const current = useStore(theme);
  return (
    <Button className="button small quiet theme-button" aria-label={`Colours: ${names[current]}. Change`} onPress={() => theme.set(nextTheme(current))}>
      {names[current]}
    </Button>
  );
}
