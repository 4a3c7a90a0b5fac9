// The page around a room: who one is, what is said, who is there.

import { Room, whoIsThere } from './room.js';

const find = (id) => document.querySelector(`#${id}`);
const presenceIntervalMs = 3000;
const words = { connecting: 'Connecting…', open: 'Connected' };
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

let room = null;
let topic = '';
let name = '';
let token = sessionStorage.getItem('token') ?? '';
let presenceTimer = 0;

async function join() {
  topic = find('topic').value.trim();
  name = find('name').value.trim();
  token = find('token').value.trim() || token;
  try {
    await whoIsThere(topic, token);
  } catch ({ status, message }) {
    // The page is not told the status of a WebSocket's handshake: this request is, and comes first.
    find('token-row').hidden = status !== 401;
    find('join-note').textContent = status === 401 ? 'This room needs a token.' : `The gateway refuses: ${message}`;
    if (status !== undefined) return;
  }
  sessionStorage.setItem('token', token);
  find('title').textContent = topic;
  find('join').hidden = true;
  find('room').hidden = false;
  room = new Room({
    topic,
    name,
    token,
    listener: {
      message: showMessage,
      gap: ({ missed }) => showNotice(missed > 0 ? `${missed} messages are missing here` : 'messages may be missing here: the gateway began anew'),
      state: (state, seconds) => showState(state, words[state] ?? `Reconnecting in ${seconds.toFixed(0)} s`),
      refused: (why) => showState('refused', `Refused: ${why}`),
    },
  });
  find('text').focus();
  void showPeople();
}

function showMessage({ name: from, text, at }) {
  const row = document.createElement('li');
  row.className = from === name ? 'message own' : 'message';
  const head = element('p', 'head');
  head.append(element('strong', 'from', from), element('time', 'at', clock.format(at)));
  row.append(head, element('p', 'body', text));
  append(row);
}

function showNotice(text) {
  append(element('li', 'notice', text));
}

function append(row) {
  const list = find('messages');
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.append(row);
  while (list.childElementCount > 500) list.firstElementChild.remove();
  if (follows) list.scrollTop = list.scrollHeight;
}

function showState(state, text) {
  find('state').dataset.state = state;
  find('state').textContent = text;
}

async function showPeople() {
  clearTimeout(presenceTimer);
  presenceTimer = setTimeout(showPeople, presenceIntervalMs);
  if (document.hidden) return;
  try {
    const names = await whoIsThere(topic, token);
    find('people').replaceChildren(...names.map((each) => element('li', each === name ? 'own' : '', each)));
  } catch {
    find('people').replaceChildren();
  }
}

async function send() {
  const text = find('text').value.trim();
  if (text === '') return;
  find('text').value = '';
  find('send-note').textContent = '';
  try {
    await room.post(text);
  } catch (error) {
    find('send-note').textContent = `Not sent: “${text}” (${error.message})`;
  }
}

function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

find('join').addEventListener('submit', (event) => {
  event.preventDefault();
  void join();
});
find('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  void send();
});
addEventListener('pagehide', () => room?.leave());
