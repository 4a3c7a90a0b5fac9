import { expect, it } from 'vitest';
import { acceptsEventStream } from '../../src/http/accepts-event-stream.ts';

it.each(['text/event-stream', 'TEXT/EVENT-STREAM', 'text/html, text/event-stream;q=0.5', 'text/event-stream; charset=utf-8, */*'])('%s asks for events', (accept) => {
  expect(acceptsEventStream(accept)).toBe(true);
});

it.each([null, '', '*/*', 'text/*', 'text/event-stream;q=0', 'text/event-streams', 'application/json'])('%s does not', (accept) => {
  expect(acceptsEventStream(accept)).toBe(false);
});
