// Numbers for people: thousands apart, the same in every locale of the browser, because the rest of the page is English.

const counts = new Intl.NumberFormat('en');

export function formatCount(value: number): string {
  return counts.format(Math.round(value));
}

/** `1 connection`, `2,000 connections`. */
export function formatQuantity(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
}

/** What happens each second; below ten with one decimal. */
export function formatPerSecond(value: number): string {
  return value > 0 && value < 9.95 ? value.toFixed(1) : formatCount(value);
}
