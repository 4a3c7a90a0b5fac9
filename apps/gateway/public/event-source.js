// A topic over Server-Sent Events. The browser reconnects by itself and then sends Last-Event-ID, which is the position
// of the last event it has seen; `since` is for the first connection. Texts are plain events, binary messages are events
// of the type `binary` in base64; `subscribed` tells where the stream begins, and `gap` that history did not last.

import { accessQuery } from './access.js';
import { Position } from './position.js';
import { publication } from './publication.js';
import { topicPath, topicUrl } from './topic.js';

export const eventSource = {
  /** What it connects to, for the person watching. */
  address: (topic) => topicUrl(topic, 'http'),

  connect(topic, since, report) {
    const events = new EventSource(topicPath(topic, { since, ...accessQuery() }));
    const receive = (key) => (event) => {
      const at = Position.parse(event.lastEventId);
      if (at !== null) report.message(publication({ ...at, [key]: event.data }));
    };
    events.addEventListener('open', () => report.opened());
    events.addEventListener('message', receive('data'));
    events.addEventListener('binary', receive('base64'));
    events.addEventListener('subscribed', ({ lastEventId }) => {
      const at = Position.parse(lastEventId);
      if (at !== null) report.resumed(at);
    });
    events.addEventListener('gap', ({ data }) => report.gap(JSON.parse(data)));
    events.addEventListener('refused', ({ data }) => {
      const { status, detail } = JSON.parse(data);
      if (status !== 429 && status < 500) report.lost(detail, true);
    });
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) report.lost('refused by the server', false);
      else report.retrying('the connection broke');
    });
    return { close: () => events.close() };
  },
};
