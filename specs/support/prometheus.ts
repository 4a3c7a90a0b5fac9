// Reads Prometheus' text exposition format, version 0.0.4, strictly: what is not in it throws.

export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: number;
}

export interface Metrics {
  readonly families: ReadonlyMap<string, Family>;
  /** The sample with exactly these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)(?: \d+)?$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)",?/y;

export function parseMetrics(text: string): Metrics {
  if (!text.endsWith('\n')) throw new Error('the last line has no line end');
  const families = new Map<string, { help: string; type: string; samples: number }>();
  const values = new Map<string, number>();
  const familyOf = (name: string): { help: string; type: string; samples: number } => {
    const family = families.get(name) ?? { help: '', type: '', samples: 0 };
    families.set(name, family);
    return family;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([^ ]+) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      const family = familyOf(name);
      if (kind === 'HELP') family.help = rest;
      else if (family.samples > 0 || family.type !== '') throw new Error(`TYPE after samples, or twice: ${line}`);
      else family.type = rest;
      continue;
    }
    const match = sampleLine.exec(line);
    if (match === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', number = ''] = match;
    const value = number === '+Inf' ? Infinity : Number(number);
    if (Number.isNaN(value)) throw new Error(`not a number: ${line}`);
    const key = keyOf(name, readLabels(labels));
    if (values.has(key)) throw new Error(`twice: ${line}`);
    values.set(key, value);
    familyOf(name).samples++;
  }
  return { families, value: (name, labels = {}) => values.get(keyOf(name, labels)) };
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const match = label.exec(text);
    if (match === null) throw new Error(`not labels: ${text}`);
    labels[match[1]!] = match[2]!;
  }
  return labels;
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
