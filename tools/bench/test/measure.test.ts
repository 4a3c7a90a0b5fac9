import { describe, expect, it, onTestFinished } from 'vitest';
import { sourceAddresses } from '../src/jobs.ts';
import { measureCpu, measureIdle, measureWatched, warmUpConnections } from '../src/measure.ts';
import type { Row, Work } from '../src/rows.ts';
import { gateway, ws } from '../src/servers/node-servers.ts';
import type { RunningServer } from '../src/servers/server.ts';

const pace = { rounds: 1, warmUpMs: 20, windowMs: 100, settleMs: 30 };
const row = (work: Work, unit: Row['unit']): Row => ({ name: 'x', title: 'x', unit, work, servers: ['ws'], goals: [] });

async function startWs(forMemory: boolean): Promise<RunningServer> {
  const server = await ws.start({ root: '.', forMemory });
  onTestFinished(() => server.stop());
  return server;
}

describe.runIf(process.platform === 'linux')('measuring', () => {
  it('relates CPU to the messages that came back', async () => {
    const work = { kind: 'echo', connections: 5, inFlight: 16, bytes: 64 } as const;
    const sample = await measureCpu(row(work, 'µs'), await startWs(false), pace, sourceAddresses());
    expect(sample.messages).toBeGreaterThanOrEqual(5 * 16);
    expect(sample.value).toBeGreaterThanOrEqual(0);
    expect(sample.generatorUs).toBeGreaterThan(0);
  });

  it.runIf('version' in gateway.probe())('compares a gateway to itself while somebody looks on', async () => {
    const server = await gateway.start({ root: '.', forMemory: false });
    onTestFinished(() => server.stop());
    const work = { kind: 'watched', connections: 20, bytes: 64 } as const;
    const { gateway: watched, unwatched } = await measureWatched(row(work, 'µs'), server, pace, sourceAddresses());
    for (const { messages, value, generatorUs } of [watched, unwatched]) {
      expect(messages % 20).toBe(0);
      expect(messages).toBeGreaterThan(0);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(generatorUs).toBeGreaterThan(0);
    }
  });

  it('relates memory to the connections that were opened', async () => {
    const work = { kind: 'idle', connections: 400 } as const;
    const sample = await measureIdle(row(work, 'bytes'), await startWs(true), pace, sourceAddresses());
    expect(warmUpConnections(400)).toBe(200);
    expect(sample.messages).toBe(400);
    expect(Number.isFinite(sample.value)).toBe(true);
  });
});
