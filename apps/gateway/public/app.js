// The demo page: one topic, watched over WebSocket and over Server-Sent Events at the same time.

import { setToken } from './access.js';
import { eventSource } from './event-source.js';
import { formatCount } from './meter.js';
import { Pane } from './pane.js';
import { byteLengthOf, countPresence, publish, readHistory } from './publication.js';
import { commandLines, topicOfHash, topicProblem } from './topic.js';
import { websocketSource } from './websocket-source.js';

const historyShown = 50;
const presenceIntervalMs = 5000;
const announceIntervalMs = 3000;
const burstSize = 100;

const find = (id) => document.querySelector(`#${id}`);
const topicInput = find('topic');
const payload = find('payload');

let topic = '';
let watching = new AbortController();
let unannounced = 0;
let latest = null;
let presenceTimer = 0;

const websocket = new Pane(
  {
    name: 'websocket',
    title: 'WebSocket',
    source: websocketSource,
    sends: true,
    empty: 'Quiet so far. What is published to this topic, by anyone, appears here.',
  },
  stateChanged,
  (message) => {
    unannounced++;
    latest = message;
  },
);
const events = new Pane(
  {
    name: 'events',
    title: 'Server-Sent Events',
    source: eventSource,
    sends: false,
    empty: 'Quiet so far. The same messages appear here, over an event stream.',
  },
  stateChanged,
);
const panes = [websocket, events];

async function watch(name) {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  topic = name;
  topicInput.value = name;
  find('publish-topic').textContent = name;
  document.title = `${name} · Sluice`;
  note('topic-note', '');
  note('publish-note', '');
  showCommands();
  let history = null;
  try {
    history = await readHistory(name, historyShown, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 401) {
      askForToken();
      return;
    }
    note('topic-note', `No history: ${error.message}`, true);
  }
  if (signal.aborted) return;
  for (const pane of panes) pane.watch(name, history);
}

/** The gateway wants to know who we are before it shows anything. */
function askForToken() {
  for (const pane of panes) pane.channel.stop('a token is needed');
  note('topic-note', 'This gateway asks for a token. Enter one, then watch.', true);
  find('token-row').hidden = false;
  find('token').focus();
}

/** A subscription has come or gone: ask who is there, once both panes have settled. */
function stateChanged(state) {
  if (state !== 'open' && state !== 'closed') return;
  clearTimeout(presenceTimer);
  presenceTimer = setTimeout(showPresence, 300);
}

/** Whether both panes have shown the same. For a moment, one may be ahead of the other. */
function showStep() {
  const [first, second] = panes.map(({ channel }) => channel.position);
  let text = '–';
  if (first.epoch !== null && first.epoch === second.epoch) {
    const ahead = first.offset - second.offset;
    if (ahead === 0) text = `both at ${formatCount(first.offset)}`;
    else text = `${ahead > 0 ? 'SSE' : 'WebSocket'} ${formatCount(Math.abs(ahead))} behind`;
  }
  const step = find('step');
  if (step.textContent !== text) step.textContent = text;
}

async function showPresence() {
  clearTimeout(presenceTimer);
  presenceTimer = setTimeout(showPresence, presenceIntervalMs);
  if (topic === '' || document.hidden) return;
  try {
    find('presence').textContent = formatCount(await countPresence(topic, watching.signal));
  } catch {
    find('presence').textContent = '–';
  }
}

function showCommands() {
  const rows = commandLines(topic).map(({ does, line }) => {
    const row = document.createElement('li');
    const label = document.createElement('span');
    label.className = 'command-does';
    label.textContent = does;
    const code = document.createElement('code');
    code.textContent = line;
    code.tabIndex = 0;
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.className = 'quiet small';
    copy.textContent = 'Copy';
    copy.setAttribute('aria-label', `Copy: ${does}`);
    copy.addEventListener('click', () => copyLine(code, copy));
    row.append(label, code, copy);
    return row;
  });
  find('commands').replaceChildren(...rows);
}

async function copyLine(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
    find('announcer').textContent = 'Copied';
  } catch {
    // No clipboard outside of a secure context: select the line, so that one key copies it.
    getSelection().selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1500);
}

/** Publishes as the page's switch says; resolves with what became of it, for the person watching. */
async function publishText(topic, text) {
  if (new FormData(find('publish-form')).get('via') === 'websocket') {
    if (!websocket.send(text, byteLengthOf(text))) throw new Error('the WebSocket is not open');
    return `Sent to ${topic} over the WebSocket`;
  }
  return `Published to ${topic} as ${formatCount(await publish(topic, text))}`;
}

async function publishPayload() {
  const text = payload.value;
  if (text === '') {
    payload.focus();
    return;
  }
  try {
    note('publish-note', await publishText(topic, text));
    payload.value = '';
    payload.focus();
  } catch (error) {
    note('publish-note', `Not published to ${topic}: ${error.message}`, true);
  }
}

/** Many messages, each when the one before has been published: they arrive in this order. */
async function publishBurst() {
  const text = payload.value === '' ? 'Message' : payload.value;
  const to = topic;
  find('burst').disabled = true;
  try {
    for (let number = 1; number <= burstSize; number++) await publishText(to, `${text} ${number} of ${burstSize}`);
    note('publish-note', `${burstSize} messages published to ${to}`);
  } catch (error) {
    note('publish-note', `Stopped: ${error.message}`, true);
  }
  find('burst').disabled = false;
}

function note(id, text, bad = false) {
  const element = find(id);
  element.textContent = text;
  element.classList.toggle('bad', bad);
}

/** One sentence every few seconds, however many messages come: a screen reader can follow. */
function announce() {
  if (unannounced === 0) return;
  const text = latest.binary ? 'a binary message' : latest.text.slice(0, 120);
  find('announcer').textContent = unannounced === 1 ? text : `${unannounced} new messages. Latest: ${text}`;
  unannounced = 0;
}

find('topic-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = topicInput.value.trim();
  const problem = topicProblem(name);
  topicInput.setAttribute('aria-invalid', String(problem !== ''));
  if (problem !== '') note('topic-note', `${problem}. Still watching ${topic}.`, true);
  else if (name === topic) void watch(name);
  else location.hash = encodeURIComponent(name);
});
find('token').addEventListener('input', ({ target }) => setToken(target.value.trim()));
find('publish-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void publishPayload();
});
find('burst').addEventListener('click', () => void publishBurst());
payload.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void publishPayload();
});
addEventListener('hashchange', () => {
  const name = topicOfHash(location.hash);
  if (name !== null && name !== topic) void watch(name);
});
addEventListener('online', () => panes.forEach((pane) => pane.hurry()));
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  for (const pane of panes) pane.hurry();
  void showPresence();
});

setInterval(() => {
  for (const pane of panes) pane.tick();
}, 1000);
setInterval(() => {
  for (const pane of panes) pane.refresh(Date.now());
  showStep();
}, 200);
setInterval(announce, announceIntervalMs);

find('host').textContent = location.host;
find('panes').append(...panes.map(({ element }) => element));
void watch(topicOfHash(location.hash) ?? topicInput.value);
