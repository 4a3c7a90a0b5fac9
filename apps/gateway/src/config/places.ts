// How messages name a setting: as the source of its value spells it.

import type { Locate } from './rules.ts';
import type { Source } from './sources.ts';

/** `sluice.json: http`, `SLUICE_HTTP`, `--http`; the path where the value is the default. */
export function locator(sources: ReadonlyMap<string, Source>): Locate {
  return (path) => {
    const { from, name } = sourceOf(sources, path);
    return from === 'file' ? `${name}: ${path}` : name;
  };
}

/** One value of a listener's setting: `sluice.json: http: 127.0.0.1:80`, `SLUICE_HTTP=127.0.0.1:80`, `--http 127.0.0.1:80`, which is also the default's. */
export function listenerSpelling(sources: ReadonlyMap<string, Source>): (path: string, address: string) => string {
  return (path, address) => {
    const { from, name } = sourceOf(sources, path);
    if (from === 'file') return `${name}: ${path}: ${address}`;
    return from === 'environment' ? `${name}=${address}` : `--${path} ${address}`;
  };
}

function sourceOf(sources: ReadonlyMap<string, Source>, path: string): Source {
  const source = sources.get(path);
  if (source === undefined) throw new Error(`no setting is called ${path}`);
  return source;
}
