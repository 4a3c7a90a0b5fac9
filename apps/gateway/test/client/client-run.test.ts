import { describe, expect, it } from 'vitest';
import { ClientRun } from '../../src/client/client-run.ts';
import { processRuntime } from '../../src/client/runtime.ts';
import { makeConsole } from '../cli/admin-stub.ts';
import { ClientStage, type Screen } from './console.ts';

describe('a run of a client command', () => {
  it('waits for a goodbye at the first SIGINT, and for nothing at the second', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    const interrupt = subscriber.interrupt;
    interrupt();
    expect(subscriber.status).toBeNull();
    const at = stage.gateway.network.clock.now();
    interrupt();
    await Promise.resolve();
    await stage.ended(subscriber);
    expect(stage.gateway.network.clock.now() - at).toBeLessThan(2);
    await stage.gateway.stop();
  });

  it('fails when standard output does, unless only its reader has gone', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    subscriber.out.destroy(Object.assign(new Error('disk full'), { code: 'ENOSPC' }));
    expect(await stage.ended(subscriber)).toBe(1);
    expect(subscriber.err.text).toBe('sluice: standard output: disk full\n');
    await stage.gateway.stop();
  });

  it('says what others have written without obeying it', () => {
    const { io } = makeConsole(true);
    const run = new ClientRun({ io, runtime: processRuntime(), verb: 'sent', counts: () => ({ messages: 0, bytes: 0 }), onInterrupt: () => 0 });
    run.say('ERR: \u001b]0;title\u0007 \u202e no');
    expect((io.stderr as Screen).text).toBe('sluice: ERR: \ufffd]0;title\ufffd \ufffd no\n');
  });

  it('counts reconnects on a terminal', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news'], { isTerminal: true });
    await stage.pass(10);
    stage.breakConnections();
    await stage.pass(5000);
    expect(subscriber.err.text).toContain('1 reconnect  connected');
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });
});
