import { describe, expect, it } from 'vitest';
import { runBench } from '../src/bench.ts';
import type { Row } from '../src/rows.ts';
import { ws } from '../src/servers/node-servers.ts';
import type { Launcher } from '../src/servers/server.ts';

const pace = { rounds: 2, warmUpMs: 10, windowMs: 50, settleMs: 10 };
const row: Row = {
  name: 'tiny',
  title: 'tiny echo',
  unit: 'µs',
  work: { kind: 'echo', connections: 2, inFlight: 1, bytes: 64 },
  servers: ['ws', 'nginx', 'bun'],
  goals: [],
};
const absent: Launcher = { name: 'nginx', probe: () => ({ missing: 'not here' }), start: () => Promise.reject(new Error()) };
const broken: Launcher = { name: 'bun', probe: () => ({ version: '1' }), start: () => Promise.reject(new Error('broken')) };

describe.runIf(process.platform === 'linux')('a bench', () => {
  it('measures who is there, and says what is wrong with the others', async () => {
    const said: string[] = [];
    const pids: number[] = [];
    const watched: Launcher = {
      ...ws,
      start: async (options) => {
        const server = await ws.start(options);
        pids.push(...server.pids);
        return server;
      },
    };
    const result = await runBench({ rows: [row], pace, launchers: [watched, absent, broken], progress: (line) => said.push(line) });
    expect(result.versions).toMatchObject({ ws: expect.stringMatching(/^8\./), nginx: '(not here)', bun: '1' });
    const cells = result.rows[0]?.cells;
    expect(cells?.ws?.problem).toBe(null);
    expect(cells?.ws?.samples.map(({ messages }) => messages > 0)).toEqual([true, true]);
    expect(cells?.nginx).toBe(undefined);
    expect(cells?.bun).toEqual({ samples: [], problem: 'broken' });
    expect(said).toHaveLength(3);
    expect(pids).toHaveLength(1);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('drives servers over TLS', async () => {
    const secure: Row = { ...row, secure: true, servers: ['ws'] };
    const result = await runBench({ rows: [secure], pace: { ...pace, rounds: 1 }, launchers: [ws], progress: () => undefined });
    expect(result.rows[0]?.cells.ws).toMatchObject({ problem: null, samples: [{ messages: expect.any(Number) }] });
  });

  it('gives each round a fresh server where a row says so, and each server the first turn as often', async () => {
    const [pids, turns]: [number[], string[]] = [[], []];
    const counted = (name: 'ws' | 'bun'): Launcher => ({
      name,
      probe: () => ({ version: '1' }),
      start: async (options) => {
        const server = await ws.start(options);
        pids.push(...server.pids);
        turns.push(name);
        return server;
      },
    });
    const fresh: Row = { ...row, freshRounds: 2, servers: ['ws', 'bun'] };
    const result = await runBench({ rows: [fresh], pace: { ...pace, rounds: 1 }, launchers: [counted('ws'), counted('bun')], progress: () => undefined });
    expect(result.rows[0]?.cells.ws?.samples).toHaveLength(2);
    expect(new Set(pids).size).toBe(4);
    expect(turns).toEqual(['ws', 'bun', 'bun', 'ws']);
  });

  it('says that a server without an inspector cannot be watched', async () => {
    const watched: Row = { ...row, work: { kind: 'watched', connections: 2, bytes: 64 }, servers: ['ws', 'unwatched'] };
    const result = await runBench({ rows: [watched], pace, launchers: [ws], progress: () => undefined });
    expect(result.rows[0]?.cells).toEqual({ ws: { samples: [], problem: 'there is no inspector to be opened' } });
  });

  it('leaves out a row that needs more descriptors than there are', async () => {
    const wide: Row = { ...row, work: { kind: 'idle', connections: 1e12 } };
    const result = await runBench({ rows: [wide], pace, launchers: [ws], progress: () => undefined });
    expect(result.rows[0]?.cells.ws).toEqual({ samples: [], problem: 'needs 1500000000200 open files' });
  });
});
