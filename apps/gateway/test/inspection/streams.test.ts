// Those who look on, in any order of coming, reading, stopping to read and going, while what they look at closes: they leave nothing behind.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { act, newest, statusOf } from './admin-client.ts';

const maxWatchers = 3;
const upgrade = 'Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

const step = fc.oneof(
  fc.constant({ do: 'connect' } as const),
  fc.record({ do: fc.constantFrom('watch', 'stream', 'totals'), which: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constantFrom('pause', 'read', 'leave', 'abort'), watcher: fc.nat({ max: 7 }) }),
  fc.record({ do: fc.constantFrom('close', 'drain', 'quench', 'resume', 'throttle'), which: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 600, 5000) }),
);

it('streams leave no timer, no watcher and no bytes behind, whatever their readers do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const running = await GatewayInMemory.start({ inspection: { maxWatchers } });
      const timers = new Set<() => void>();
      const { every } = running.loop;
      Object.assign(running.loop, {
        every: (ms: number, callback: () => void) => {
          const stop = every(ms, callback);
          timers.add(callback);
          return () => {
            timers.delete(callback);
            stop();
          };
        },
      });
      const watchers: MemoryClient[] = [];
      const ask = (path: string, fields = ''): void => {
        const client = running.connectAdmin();
        client.send(`GET ${path} HTTP/1.1\r\nHost: memory\r\n${fields}\r\n`);
        watchers.push(client);
      };
      for (const each of steps) {
        const watcher = 'watcher' in each ? watchers[each.watcher] : undefined;
        const id = 'which' in each ? ([...running.gateway.registry.all()][each.which]?.id ?? 0) : 0;
        if (each.do === 'connect') running.connect().upgrade('/topics/news');
        else if (each.do === 'watch') ask(`/inspection/connections/${id}/events`);
        else if (each.do === 'stream') ask(`/inspection/stream${id === 0 ? '' : `?id=${id}`}`, upgrade);
        else if (each.do === 'totals') ask('/inspection/totals');
        else if (each.do === 'pass') running.pass(each.ms);
        else if (each.do === 'pause') watcher?.endpoint.setReading(false);
        else if (each.do === 'read') watcher?.endpoint.setReading(true);
        else if (each.do === 'leave') watcher?.endpoint.shutdown();
        else if (each.do === 'close') running.gateway.registry.get(id)?.abort();
        else if (each.do === 'abort') watcher?.endpoint.abort();
        else act(running.connectAdmin(), id, { action: each.do, direction: 'out', bytesPerSecond: 1000 });
      }
      for (const watcher of watchers) watcher.endpoint.abort();
      running.pass(10);
      expect(timers.size).toBe(0);
      running.connect().upgrade('/topics/news');
      const { id } = newest(running);
      for (let i = 0; i <= maxWatchers; i++) {
        for (const path of [`/inspection/connections/${id}/events`, '/inspection/totals']) {
          const client = running.connectAdmin();
          client.send(`GET ${path} HTTP/1.1\r\nHost: memory\r\n\r\n`);
          running.pass(1);
          expect(statusOf(client.received)).toBe(i < maxWatchers ? 200 : 503);
        }
      }
      await running.stop();
      expect(running.gateway.pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
      expect(timers.size).toBe(0);
    }),
    { numRuns: 40 },
  );
});
