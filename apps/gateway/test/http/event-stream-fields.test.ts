import { expect, it } from 'vitest';
import { eventStreamFields } from '../../src/http/event-stream-fields.ts';

it('says what it is, and that nothing in between may keep or change it', () => {
  expect(eventStreamFields).toEqual(['Content-Type', 'text/event-stream', 'Cache-Control', 'no-store, no-transform']);
});
