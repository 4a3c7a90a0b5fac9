// Topic names and the addresses that belong to them.

/** Dot-separated tokens without spaces or wildcards. */
const name = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/u;

/** What is wrong with a topic's name, in words; empty when nothing is. */
export function topicProblem(topic) {
  if (topic === '') return 'A topic has a name, like news or room.42';
  if (/[*>]/.test(topic)) return '* and > match many topics; this page watches one';
  if (/\s/.test(topic)) return 'A topic has no spaces in its name';
  if (!name.test(topic)) return 'Dots stand between words: room.42';
  return '';
}

/** The topic that the address bar names, after `#`; `null` when it names none. */
export function topicOfHash(hash) {
  try {
    const topic = decodeURIComponent(hash.slice(1));
    return topicProblem(topic) === '' ? topic : null;
  } catch {
    return null;
  }
}

/** `/topics/news`, with what the query needs. Undefined and null values are left out. */
export function topicPath(topic, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given).toString();
  return `/topics/${encodeURIComponent(topic)}${search === '' ? '' : `?${search}`}`;
}

/** The same as an absolute address of a scheme family: `http` or `ws`, secure as the page is. */
export function topicUrl(topic, family, query = {}, location = globalThis.location) {
  const scheme = location.protocol === 'https:' ? `${family}s` : family;
  return `${scheme}://${location.host}${topicPath(topic, query)}`;
}

/** Commands to try in a terminal: what each does, and the line itself. */
export function commandLines(topic, location = globalThis.location) {
  const address = `${location.protocol === 'https:' ? 'https://' : ''}${location.host}${topicPath(topic)}`;
  return [
    { does: 'Publish', line: `curl -d hello ${quoted(address)}` },
    { does: 'Watch as events', line: `curl -NH 'Accept: text/event-stream' ${quoted(address)}` },
    { does: 'Read the history', line: `curl ${quoted(`${address}?limit=10`)}` },
    { does: 'Talk over WebSocket', line: `npx wscat -c ${quoted(topicUrl(topic, 'ws', {}, location))}` },
  ];
}

function quoted(word) {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
