// A topic over WebSocket, in the sub-protocol `sluice.v1`: each message from the server is a JSON text, either a
// publication {topic, epoch, offset, time, data | base64} or a notice: {type: 'subscribed' | 'resumed', epoch, offset} says where
// the subscription begins, {type: 'gap', missed, reason} that messages are missing.
// What the page sends is published as it is.

import { accessProtocols } from './access.js';
import { publication } from './publication.js';
import { topicUrl } from './topic.js';

/** What a close code means to the person watching. */
const reasons = new Map([
  [1000, 'closed normally'],
  [1001, 'the server is going away'],
  [1002, 'protocol error'],
  [1003, 'that kind of data is not taken'],
  [1006, 'the connection broke'],
  [1007, 'a text was not UTF-8'],
  [1008, 'not allowed'],
  [1009, 'a message was too large'],
  [1011, 'the server failed'],
  [1012, 'the server restarts'],
  [1013, 'try again later'],
]);

/** Codes after which another attempt would end the same way. */
const fatal = new Set([1002, 1003, 1007, 1008, 4400, 4401, 4403, 4404, 4414, 4421]);

export const websocketSource = {
  /** What it connects to, for the person watching. */
  address: (topic) => topicUrl(topic, 'ws'),

  connect(topic, since, report) {
    const socket = new WebSocket(topicUrl(topic, 'ws', { since }), ['sluice.v1', ...accessProtocols()]);
    let wasOpen = false;
    socket.addEventListener('open', () => {
      wasOpen = true;
      report.opened();
    });
    socket.addEventListener('message', ({ data }) => receive(data, report));
    socket.addEventListener('close', ({ code, reason }) => {
      if (code === 1006 && !wasOpen) report.lost('no connection', false);
      else report.lost(describe(code, reason), fatal.has(code), retryAfterMs(reason));
    });
    return {
      close: () => socket.close(1000),
      send(text) {
        if (socket.readyState !== WebSocket.OPEN) return false;
        socket.send(text);
        return true;
      },
    };
  },
};

function receive(text, report) {
  const message = JSON.parse(text);
  if (message.type === 'subscribed' || message.type === 'resumed') report.resumed(message);
  else if (message.type === 'gap') report.gap(message);
  else if (message.offset !== undefined) report.message(publication(message));
}

/** What a server says about coming back, as a word of the reason: `retry-after-ms=1234` (0 when it says nothing). */
export function retryAfterMs(reason) {
  const hint = /(?:^| )retry-after-ms=(\d{1,9})$/.exec(reason);
  return hint === null ? 0 : Number(hint[1]);
}

function describe(code, reason) {
  const words = reason.replace(/ ?retry-after-ms=\d+$/, '') || (reasons.get(code) ?? 'closed');
  return `${words} (${code})`;
}
