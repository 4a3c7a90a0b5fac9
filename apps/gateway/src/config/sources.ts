// Where settings come from. Each source gives a layer: raw values by path, each with its origin, and what was wrong.

import type { Problem } from './problems.ts';

/** Where a setting's value comes from; `name` is the file, the variable or the flag. */
export interface Source {
  readonly from: 'default' | 'file' | 'environment' | 'flag';
  readonly name: string;
}

export interface Layer {
  /** Raw values by the setting's path. Only settings that the source names, and only valid ones. */
  readonly values: ReadonlyMap<string, LayerValue>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface LayerValue {
  readonly value: unknown;
  readonly source: Source;
}

/** `default`, or the name of the file, variable or flag. */
export function formatSource(source: Source): string {
  return source.from === 'default' ? 'default' : source.name;
}
