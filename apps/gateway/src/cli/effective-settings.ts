// What `check-config` prints: every setting, its value in the words a flag would take, and where that comes from.

import { settings, valueAt } from '../config/catalogue.ts';
import { formatSource, type LoadedConfig } from '../config/index.ts';
import { toText } from '../config/text-value.ts';

/** One line per setting in three aligned columns: path, value, source. Secrets are counted, never shown. */
export function effectiveSettings({ config, sources }: LoadedConfig): string {
  const rows = settings.map((setting) => {
    const source = sources.get(setting.path);
    const origin = source === undefined ? '' : formatSource(source);
    return [setting.path, toText(setting, valueAt(config, setting.keys)), origin] as const;
  });
  const pathWidth = Math.max(...rows.map(([path]) => path.length));
  // One long list must not push every source off the screen.
  const valueWidth = Math.max(...rows.map(([, value]) => value.length).filter((length) => length <= 40));
  return rows
    .map(([path, value, origin]) => `${path.padEnd(pathWidth)}  ${value.padEnd(valueWidth)}  ${origin}\n`)
    .join('');
}
