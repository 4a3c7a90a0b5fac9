// A subscription that stays up: connects, and when the connection is lost waits a while and resumes where it was.
//
// How bytes come is the source's matter (`websocket-source.js`, `event-source.js`). A source connects and reports:
//
//     address(topic) → what it connects to, in words
//     connect(topic, since, report) → { close(), send?(text) }
//     report.opened()   report.message(message)   report.resumed(position)   report.gap({missed, reason})
//     report.retrying(reason)      lost, and the source reconnects by itself
//     report.lost(reason, fatal, retryAfterMs?)   lost, and reconnecting is up to us, not before that; or pointless, when fatal
//
// A message is {epoch, offset, text, byteLength, binary, timeMs, past}.

import { retryDelayMs } from './backoff.js';
import { Position } from './position.js';

/** A connection that lasted this long was a good one: the next wait is short again. */
const steadyMs = 3000;

export class Channel {
  #source;
  #listener;
  #topic = '';
  #connection = null;
  #attempt = 0;
  #retryTimer = 0;
  #steadyTimer = 0;
  /** Reports of a connection that was given up are recognised by their number, and ignored. */
  #generation = 0;

  position = new Position();
  /** {name: idle | connecting | open | waiting | retrying | closed, reason, retryAtMs} */
  state = { name: 'idle', reason: '', retryAtMs: 0 };

  /** The listener has `state(channel)`, `message(message)` and `gap({missed, reason})`; missed is -1 when nobody knows. */
  constructor(source, listener) {
    this.#source = source;
    this.#listener = listener;
  }

  /** Watches a topic from a position on, which the messages shown so far have brought about. */
  start(topic, position) {
    this.#giveUpConnection();
    this.#topic = topic;
    this.#attempt = 0;
    this.position = position;
    this.#connect();
  }

  /** Stops, until `reconnect`. */
  stop(reason) {
    this.#giveUpConnection();
    this.#enter('closed', reason);
  }

  /** Connects at once, from where it was. */
  reconnect() {
    this.#giveUpConnection();
    this.#attempt = 0;
    this.#connect();
  }

  /** What it connects to. */
  get address() {
    return this.#source.address(this.#topic);
  }

  /** Sends a text; answers false when that is not possible now. */
  send(text) {
    return this.state.name === 'open' && this.#connection?.send?.(text) === true;
  }

  #connect() {
    const generation = ++this.#generation;
    const current = (handle) => (...details) => {
      if (generation === this.#generation) handle(...details);
    };
    this.#enter('connecting', '');
    this.#connection = this.#source.connect(this.#topic, this.position.since, {
      opened: current(() => this.#opened()),
      message: current((message) => this.#message(message)),
      resumed: current(({ epoch, offset }) => this.position.adopt(epoch, offset)),
      gap: current((gap) => {
        this.position.gapTold(gap.missed);
        this.#listener.gap(gap);
      }),
      retrying: current((reason) => this.#enter('retrying', reason)),
      lost: current((reason, fatal, retryAfterMs = 0) => this.#lost(reason, fatal, retryAfterMs)),
    });
  }

  #opened() {
    clearTimeout(this.#steadyTimer);
    this.#steadyTimer = setTimeout(() => {
      this.#attempt = 0;
    }, steadyMs);
    this.#enter('open', '');
  }

  #message(message) {
    const { kind, missing } = this.position.accept(message.epoch, message.offset);
    if (kind === 'duplicate') return;
    if (kind === 'gap') this.#listener.gap({ missed: missing, reason: 'unknown' });
    if (kind === 'restarted') this.#listener.gap({ missed: -1, reason: 'epochChanged' });
    this.#listener.message(message);
  }

  #lost(reason, fatal, retryAfterMs) {
    this.#giveUpConnection();
    if (fatal) {
      this.#enter('closed', reason);
      return;
    }
    // Jittered already, each client another.
    const delayMs = Math.max(retryAfterMs, retryDelayMs(this.#attempt++));
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
    this.#enter('waiting', reason, Date.now() + delayMs);
  }

  #giveUpConnection() {
    this.#generation++;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#steadyTimer);
    this.#connection?.close();
    this.#connection = null;
  }

  #enter(name, reason, retryAtMs = 0) {
    this.state = { name, reason, retryAtMs };
    this.#listener.state(this);
  }
}
