import type { HttpExchange } from '@sluice/connection';
import { HubError } from '@sluice/hub';
import { expect, it } from 'vitest';
import { replyRefusal } from '../../src/topics/refusal.ts';

function replied(error: unknown): { status: number; body: unknown } | null {
  let reply: { status: number; body: unknown } | null = null;
  const exchange = { reply: (status: number, _: unknown, body: Buffer) => (reply = { status, body: JSON.parse(body.toString()) as unknown }) };
  replyRefusal(exchange as unknown as HttpExchange, error);
  return reply;
}

it('answers what is the fault of the client, with the status and the code', () => {
  expect(replied(new HubError('tagInvalid', 'a tag has 1 to 255 characters'))).toMatchObject({
    status: 400,
    body: { code: 'tagInvalid', detail: 'A tag has 1 to 255 characters.' },
  });
});

it.each([new HubError('hubDestroyed', 'the hub is gone'), new TypeError('ours')])('lets the fault of anybody else through: %s', (error) => {
  expect(() => replied(error)).toThrow(error);
});
