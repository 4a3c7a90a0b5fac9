// Frames as they came, and messages put together from them, with how they were cut.

import type { MemoryClient } from '../in-memory/client.ts';

export interface Message {
  readonly opcode: number;
  readonly payload: string;
  /** Payload bytes of each frame. */
  readonly fragments: readonly number[];
}

/** Takes the messages that have come whole. Control frames are messages of one frame. */
export function takeMessages(client: MemoryClient): Message[] {
  const messages: Message[] = [];
  let text = client.received;
  let opcode = 0;
  let parts: string[] = [];
  for (;;) {
    if (text.length < 2) break;
    const first = text.charCodeAt(0);
    const short = text.charCodeAt(1);
    const head = short < 126 ? 2 : 4;
    const length = short < 126 ? short : (text.charCodeAt(2) << 8) + text.charCodeAt(3);
    if (text.length < head + length) break;
    if ((first & 15) >= 8) {
      messages.push({ opcode: first & 15, payload: text.slice(head, head + length), fragments: [length] });
      if (parts.length > 0) throw new Error('a control frame within a message is more than this reader knows');
    } else {
      if ((first & 15) !== 0) opcode = first & 15;
      parts.push(text.slice(head, head + length));
      if ((first & 0x80) !== 0) {
        messages.push({ opcode, payload: parts.join(''), fragments: parts.map((part) => part.length) });
        parts = [];
      }
    }
    text = text.slice(head + length);
    if (parts.length === 0) client.received = text;
  }
  return messages;
}
