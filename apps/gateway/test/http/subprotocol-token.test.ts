import { expect, it } from 'vitest';
import { splitProtocols } from '../../src/http/subprotocol-token.ts';

const offer = (token: string): string => `sluice.bearer.${Buffer.from(token).toString('base64url')}`;

it.each([
  ['sluice.v1', null, 'sluice.v1'],
  [`sluice.v1, ${offer('a/b+c==')}`, 'a/b+c==', 'sluice.v1'],
  [`${offer('hush')},sluice.v1 , other`, 'hush', 'sluice.v1 , other'],
  [offer('hush'), 'hush', ''],
  [`${offer('first')}, sluice.v1, ${offer('second')}`, 'first', 'sluice.v1'],
  ['sluice.bearer., sluice.v1', '', 'sluice.v1'],
  ['not a list', null, 'not a list'],
])('%s: the token is %s, and what else is offered %j', (field, token, others) => {
  expect(splitProtocols(field)).toEqual({ token, others });
});
