import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { perform, possibleActions, readAction } from '../../src/inspection/actions.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start();
});
afterEach(() => running.stop());

describe('readAction', () => {
  it.each(['', '1', '[]', 'null', '{}', '{"action":"toString"}', '{"action":"throttle"}', '{"action":"throttle","direction":"up","bytesPerSecond":1}'])('%s is refused', (text) => {
    expect(readAction(text)).toMatchObject({ status: 400 });
  });

  it.each([-1, 5e-324, 0.9, 1e13, '1', null])('a rate of %j is refused', (bytesPerSecond) => {
    expect(readAction(JSON.stringify({ action: 'throttle', direction: 'in', bytesPerSecond }))).toMatchObject({ status: 400, detail: expect.stringContaining('bytesPerSecond') as string });
  });

  it('takes what is needed and nothing else', () => {
    expect(readAction('{"action":"drain","more":1}')).toEqual({ action: 'drain' });
    expect(readAction('{"action":"throttle","direction":"in","bytesPerSecond":0}')).toEqual({ action: 'throttle', direction: 'in', bytesPerSecond: 0 });
  });
});

describe('what is possible', () => {
  it('follows the state of the connection; the rest is refused and changes nothing', () => {
    const client = running.connect();
    running.pass(1);
    const connection = newest(running);
    expect(possibleActions(connection)).toEqual(['throttle', 'drain', 'abort']);
    client.upgrade('/topics/a');
    expect(possibleActions(connection)).toEqual(['quench', 'throttle', 'drain', 'abort']);
    expect(perform(connection, { action: 'resume' })).toMatchObject({ status: 409 });
    perform(connection, { action: 'quench' });
    expect(possibleActions(connection)).toEqual(['resume', 'throttle', 'drain', 'abort']);
    expect(perform(connection, { action: 'drain' })).toBeNull();
    expect(possibleActions(connection)).toEqual(['throttle', 'abort']);
    expect(perform(connection, { action: 'drain' })).toMatchObject({ status: 409, detail: expect.stringContaining('draining') as string });
    expect(perform(connection, { action: 'abort' })).toBeNull();
    expect([connection.reason, possibleActions(connection)]).toEqual(['drained', []]);
    expect(perform(connection, { action: 'abort' })).toMatchObject({ status: 409 });
  });
});
