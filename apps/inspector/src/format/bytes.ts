// Bytes for people: three digits that count, units of 1,000.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = Math.max(0, bytes);
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `0` is a dash: most connections are quiet, and the eye looks for those that are not. */
export function formatRate(bytesPerSecond: number): string {
  return bytesPerSecond < 0.5 ? '–' : `${formatBytes(bytesPerSecond)}/s`;
}

const factors: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 };

/** `100 kB`, `1.5m`, `2048`: bytes, or `null` for anything else. */
export function parseBytes(text: string): number | null {
  const match = /^\s*(?<number>\d+(?:\.\d+)?)\s*(?<unit>[kmg]?b?)\s*(?:\/\s*s)?\s*$/i.exec(text);
  if (match?.groups === undefined) return null;
  return Math.round(Number(match.groups['number']) * (factors[(match.groups['unit'] ?? '').toLowerCase()] ?? 1));
}
