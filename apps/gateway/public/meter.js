// Counts messages and bytes, and keeps the rate of the last minute, one figure a second.

const secondsKept = 60;

export class Meter {
  messages = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** Messages in each of the last seconds, oldest first; the last one is the current rate. */
  perSecond = Array.from({ length: secondsKept }, () => 0);
  #messagesBefore = 0;

  received(byteLength) {
    this.messages++;
    this.receivedBytes += byteLength;
  }

  /** To be called once a second. */
  tick() {
    this.perSecond.shift();
    this.perSecond.push(this.messages - this.#messagesBefore);
    this.#messagesBefore = this.messages;
  }

  get rate() {
    return this.perSecond.at(-1);
  }

  reset() {
    this.messages = 0;
    this.receivedBytes = 0;
    this.sentBytes = 0;
    this.perSecond.fill(0);
    this.#messagesBefore = 0;
  }
}

/** `0 B`, `12.3 KiB`, `4.5 MiB`. */
export function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `1,234`. */
export function formatCount(count) {
  return count.toLocaleString('en');
}
