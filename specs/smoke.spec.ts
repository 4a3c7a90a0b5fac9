import { afterEach, expect, it } from 'vitest';
import { eventually, runGateway, type RunningGateway } from './support/running-gateway.ts';

let running: RunningGateway;
afterEach(() => running.stop());

it('publishes over HTTP and tells the offset', async () => {
  running = await runGateway();
  const reply = await fetch(`${running.url}/topics/news`, { method: 'POST', body: 'hello' });
  expect(await reply.json()).toMatchObject({ offset: 1 });
  const history = (await (await fetch(`${running.url}/topics/news`)).json()) as { publications: unknown[] };
  expect(history.publications).toMatchObject([{ offset: 1, data: 'hello' }]);
  await running.stop();
  await eventually('nothing outstanding', () => running.gateway.pool.outstanding().bytes === 0);
});
