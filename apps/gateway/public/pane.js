// One half of the page: a channel, its state, its meters and its feed.

import { Channel } from './channel.js';
import { Feed } from './feed.js';
import { formatBytes, formatCount, Meter } from './meter.js';
import { Position } from './position.js';

const stateNames = {
  idle: 'Idle',
  connecting: 'Connecting',
  open: 'Open',
  waiting: 'Reconnecting',
  retrying: 'Reconnecting',
  closed: 'Closed',
};

export class Pane {
  #root;
  #parts;
  #meter = new Meter();
  #feed;
  #onState;
  #onMessage;
  /** When the connection was lost, while it is; NaN before the first and while it is up. */
  #lostAtMs = Number.NaN;

  /** `options` are {title, source, sends, empty}; `onState` is called with each state's name, `onMessage` with each new message. */
  constructor(options, onState, onMessage = () => {}) {
    const template = document.querySelector('#pane-template');
    this.#root = template.content.firstElementChild.cloneNode(true);
    this.#root.dataset.pane = options.name;
    this.#parts = Object.fromEntries(
      ['state', 'state-name', 'reason', 'countdown', 'rate', 'count', 'received', 'sent', 'toggle', 'clear', 'feed', 'empty', 'jump', 'spark-line', 'spark-area'].map(
        (name) => [name, this.#root.querySelector(`.${name}`)],
      ),
    );
    const heading = this.#root.querySelector('h2');
    heading.textContent = options.title;
    heading.id = `pane-${options.name}`;
    this.#root.setAttribute('aria-labelledby', heading.id);
    this.#parts.feed.setAttribute('aria-label', `Messages over ${options.title}`);
    this.#parts.clear.setAttribute('aria-label', `Clear ${options.title}`);
    this.#parts.empty.textContent = options.empty;
    this.#root.querySelector('.sent-cell').hidden = !options.sends;

    this.#onState = onState;
    this.#onMessage = onMessage;
    this.title = options.title;
    this.#feed = new Feed(this.#parts.feed, this.#parts.jump, this.#parts.empty);
    this.channel = new Channel(options.source, {
      state: () => this.#showState(),
      message: (message) => this.#received(message),
      gap: (gap) => this.#feed.notice(gapText(gap), 'warning'),
    });
    this.#parts.toggle.addEventListener('click', () => this.#toggle());
    this.#parts.clear.addEventListener('click', () => this.#feed.clear());
    this.#showState();
  }

  get element() {
    return this.#root;
  }

  /** Watches another topic, beginning with its history, if there is any to be had. */
  watch(topic, history) {
    this.#feed.clear();
    this.#meter.reset();
    this.#lostAtMs = Number.NaN;
    const position = new Position();
    if (history !== null) {
      for (const message of history.messages) {
        position.accept(message.epoch, message.offset);
        this.#feed.message(message);
      }
      position.adopt(history.epoch, history.offset);
    }
    this.channel.start(topic, position);
    this.#showRate();
  }

  /** Sends over the pane's own connection; false when it has none. */
  send(text, byteLength) {
    if (!this.channel.send(text)) return false;
    this.#meter.sentBytes += byteLength;
    return true;
  }

  /** Once a second. */
  tick() {
    this.#meter.tick();
    this.#showRate();
  }

  /** Several times a second. */
  refresh(nowMs) {
    const { name, retryAtMs } = this.channel.state;
    const text = name === 'waiting' ? `retry in ${(Math.max(0, retryAtMs - nowMs) / 1000).toFixed(1)} s` : '';
    this.#show('countdown', text);
    this.#show('count', formatCount(this.#meter.messages));
    this.#show('received', formatBytes(this.#meter.receivedBytes));
    this.#show('sent', formatBytes(this.#meter.sentBytes));
  }

  /** The page has come back, or the network: no need to wait any longer. */
  hurry() {
    if (this.channel.state.name === 'waiting') this.channel.reconnect();
  }

  #received(message) {
    this.#meter.received(message.byteLength);
    this.#feed.message(message);
    this.#onMessage(message);
  }

  #toggle() {
    const { name } = this.channel.state;
    if (name === 'open' || name === 'connecting') this.channel.stop('disconnected by you');
    else this.channel.reconnect();
  }

  #showState() {
    const { name, reason } = this.channel.state;
    const { state, toggle } = this.#parts;
    state.dataset.state = name;
    this.#parts['state-name'].textContent = stateNames[name];
    this.#parts.reason.textContent = name === 'idle' ? '' : reason || this.channel.address;
    this.refresh(Date.now());
    const connected = name === 'open' || name === 'connecting';
    toggle.textContent = connected ? 'Disconnect' : name === 'closed' ? 'Reconnect' : 'Reconnect now';
    toggle.setAttribute('aria-label', `${toggle.textContent} ${this.title}`);
    this.#noteOutage(name);
    this.#onState(name);
  }

  #noteOutage(name) {
    if (name === 'waiting' || name === 'retrying' || name === 'closed') {
      if (Number.isNaN(this.#lostAtMs)) this.#lostAtMs = Date.now();
    } else if (name === 'open' && !Number.isNaN(this.#lostAtMs)) {
      this.#feed.notice(`reconnected after ${((Date.now() - this.#lostAtMs) / 1000).toFixed(1)} s`, 'calm');
      this.#lostAtMs = Number.NaN;
    }
  }

  #showRate() {
    const { perSecond, rate } = this.#meter;
    this.#show('rate', formatCount(rate));
    const highest = Math.max(4, ...perSecond);
    const points = perSecond.map((value, second) => `${second},${(19 - (18 * value) / highest).toFixed(2)}`);
    this.#parts['spark-line'].setAttribute('points', points.join(' '));
    this.#parts['spark-area'].setAttribute('d', `M0,20L${points.join('L')}L59,20Z`);
  }

  /** Touches the document only where something changed. */
  #show(part, text) {
    const element = this.#parts[part];
    if (element.textContent !== text) element.textContent = text;
  }
}

const gapReasons = {
  epochChanged: 'the topic began anew',
  tooOld: 'the history did not last',
  inFuture: 'the topic began anew',
  dropped: 'this pane was too slow',
  conflated: 'only the latest was kept',
};

function gapText({ missed, reason }) {
  const why = gapReasons[reason] ?? 'they did not arrive';
  if (missed < 1) return `some messages may be missing: ${why}`;
  return `${formatCount(missed)} ${missed === 1 ? 'message is' : 'messages are'} missing: ${why}`;
}
