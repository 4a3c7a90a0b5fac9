// The wall clock is stepped while the gateway runs (NTP, an operator, a resumed machine): it is a label on publications, and nothing
// else. History ages by the monotonic clock.

import { afterEach, expect, it } from 'vitest';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
afterEach(() => running.stop());

interface Page {
  readonly publications: readonly { readonly data: string; readonly time: number }[];
}

const publish = async (body: string): Promise<void> => void (await fetch(`${running.url}/topics/news`, { method: 'POST', body }));
const history = async (): Promise<Page> => (await (await fetch(`${running.url}/topics/news`)).json()) as Page;

const minute = 60_000;
const day = 24 * 60 * minute;

it('a step of eleven minutes forward drops no history', async () => {
  let wallMs = 1_800_000_000_000;
  running = await runGateway({ wallClock: () => wallMs });
  await publish('1');
  wallMs += 11 * minute;
  running.gateway.hub.sweep();
  await publish('2');
  expect((await history()).publications).toMatchObject([
    { data: '1', time: wallMs - 11 * minute },
    { data: '2', time: wallMs },
  ]);
});

it('a step of a day forward and back leaves the time right, and history ages', async () => {
  let wallMs = 1_800_000_000_000;
  running = await runGateway({ wallClock: () => wallMs, config: { history: { ageMs: 500 } } });
  const { hub } = running.gateway;
  wallMs += day;
  hub.publish('news', Buffer.from('x'), 0, 1, 'text');
  wallMs -= day;
  hub.publish('news', Buffer.from('y'), 0, 1, 'text');
  expect(hub.history('news').publications.map(({ timeMs }) => timeMs)).toEqual([wallMs + day, wallMs]);
  await eventually('the history has aged', () => hub.history('news').publications.length === 0, 20_000);
});
