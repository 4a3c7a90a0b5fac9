import { describe, expect, it } from 'vitest';
import { outboundHost } from '../../src/connector/outbound-host.ts';
import { LineSession } from '../support/line-session.ts';
import { stage } from '../support/stage.ts';
import { Connection } from '../../src/index.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';

function listened() {
  const { host, steps, crashes, closes, clock } = stage({ session: (pool) => new LineSession(pool) });
  const heard: string[] = [];
  const ours = outboundHost(host, {
    onEstablished: () => void heard.push(`established after ${steps.length} steps`),
    onCrash: (_connection, error) => void heard.push(`crash ${String(error)}`),
    // Whoever runs the host was told before.
    onClosed: () => void heard.push(`closed ${closes.join()}`),
  });
  const endpoint = new ScriptedEndpoint();
  const connection = new Connection(endpoint, ours, new LineSession(host.pool));
  steps.length = 0;
  connection.start();
  return { host, ours, steps, crashes, heard, endpoint, connection, clock };
}

describe('the host of outbound connections', () => {
  it('has no deadline for the handshake, and everything else as it was', () => {
    const { host, ours, connection } = listened();
    expect(ours.timeouts).toEqual({ ...host.timeouts, handshakeTimeoutMs: 0 });
    expect(host.timeouts.handshakeTimeoutMs).toBeGreaterThan(0);
    expect(ours).toMatchObject({ clock: host.clock, windows: host.windows, throttles: host.throttles });
    expect([ours.wheel, ours.pool, ours.turn]).toEqual([host.wheel, host.pool, host.turn]);
    expect(host.wheel.dueAt(connection, 'handshake')).toBe(Infinity);
  });

  it('tells the connector once that the greeting is complete, and last that all is over', () => {
    const { endpoint, heard, steps } = listened();
    endpoint.arrive('hello\n');
    endpoint.arrive('more\n');
    expect(heard).toEqual(['established after 1 steps']);
    endpoint.gone();
    expect(heard.slice(1)).toEqual(['closed peerClosed']);
    expect(steps.length).toBeGreaterThan(1);
  });

  it('tells both of what was thrown', () => {
    const { endpoint, heard, crashes } = listened();
    endpoint.arrive('crash\n');
    expect(heard).toEqual(['crash Error: crashed']);
    expect(crashes).toHaveLength(1);
  });
});
