// Lengths and points of time for people.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The two largest units: `3 d 4 h`, `2 h 05 min`, `12 min 09 s`, `7.2 s`, `340 ms`. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${(value / 1000).toFixed(1)} s`;
  // Rounded first, so that no unit is ever shown full.
  const rounded = value < hourMs - 500 ? Math.round(value / 1000) * 1000 : Math.round(value / minuteMs) * minuteMs;
  if (rounded < hourMs) return `${Math.floor(rounded / minuteMs)} min ${pad((rounded % minuteMs) / 1000)} s`;
  if (rounded < dayMs) return `${Math.floor(rounded / hourMs)} h ${pad(Math.floor((rounded % hourMs) / minuteMs))} min`;
  return `${Math.floor(rounded / dayMs)} d ${Math.floor((rounded % dayMs) / hourMs)} h`;
}

/** Since the connection was opened, as a step's time: `+0.340`, `+12.5 s` would jump about, so always `m:ss.mmm`. */
export function formatOffset(ms: number): string {
  const value = Math.max(0, Math.round(ms));
  const hours = Math.floor(value / hourMs);
  const minutes = Math.floor((value % hourMs) / minuteMs);
  const seconds = pad(Math.floor((value % minuteMs) / 1000));
  const millis = String(value % 1000).padStart(3, '0');
  return hours > 0 ? `${hours}:${pad(minutes)}:${seconds}.${millis}` : `${minutes}:${seconds}.${millis}`;
}

/** `14:03:27`, in the viewer's zone. */
export function formatTime(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
