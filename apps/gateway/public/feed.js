// The list of messages in a pane: at most 500 rows, written once a frame, following the newest unless the reader
// has scrolled away. Rows that would be dropped again in the same frame are never made.

const rowsKept = 500;
const textShown = 2000;
const atEndPx = 40;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export class Feed {
  #list;
  #jump;
  #empty;
  #pending = [];
  #frame = 0;
  #following = true;

  constructor(list, jump, empty) {
    this.#list = list;
    this.#jump = jump;
    this.#empty = empty;
    list.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    jump.addEventListener('click', () => {
      this.#follow();
      list.focus();
    });
  }

  message(message) {
    this.#add({ kind: 'message', message });
  }

  /** A line between messages that tells about the subscription itself; the tone is `calm` or `warning`. */
  notice(text, tone) {
    this.#add({ kind: 'notice', text, tone });
  }

  clear() {
    this.#pending = [];
    this.#list.replaceChildren();
    this.#following = true;
    this.#show();
  }

  #add(row) {
    this.#pending.push(row);
    // No frames come while the page is hidden: then, too, only what can be shown is kept.
    if (this.#pending.length > 2 * rowsKept) this.#pending = this.#pending.slice(-rowsKept);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#write());
  }

  #write() {
    this.#frame = 0;
    const rows = this.#pending.slice(-rowsKept);
    this.#pending = [];
    if (rows.length === 0) return;
    const excess = this.#list.childElementCount + rows.length - rowsKept;
    if (excess >= this.#list.childElementCount) this.#list.replaceChildren();
    else for (let index = 0; index < excess; index++) this.#list.firstElementChild.remove();
    const fragment = document.createDocumentFragment();
    for (const row of rows) fragment.append(row.kind === 'message' ? messageRow(row.message) : noticeRow(row));
    this.#list.append(fragment);
    if (this.#following) this.#follow();
    this.#show();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    this.#following = scrollHeight - scrollTop - clientHeight < atEndPx;
    this.#show();
  }

  #follow() {
    this.#following = true;
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#show();
  }

  #show() {
    this.#empty.hidden = this.#list.childElementCount > 0;
    this.#jump.hidden = this.#following;
  }
}

function messageRow({ offset, text, timeMs, binary, past, byteLength }) {
  const row = document.createElement('li');
  row.className = past ? 'row past' : 'row';
  const time = element('time', 'row-time', clock.format(timeMs));
  time.dateTime = new Date(timeMs).toISOString();
  if (past) time.title = 'From the history';
  row.append(element('span', 'row-offset', String(offset)), time, element('span', 'row-text', text.slice(0, textShown)));
  if (binary) row.append(element('span', 'row-note', `binary, ${byteLength} B in base64`));
  else if (text.length > textShown) row.append(element('span', 'row-note', `and ${text.length - textShown} more characters`));
  return row;
}

function noticeRow({ text, tone }) {
  return element('li', `row-notice ${tone}`, text);
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
