// What runs a gateway, made up: its listeners, hub, admin and connectors.

import { connectorMachine, listenerMachine } from '@sluice/connection';

interface Node {
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly kind: string;
  readonly label: string;
  readonly machine: string | null;
  readonly state: string | null;
  readonly activeStates: readonly string[];
  readonly restarts: number;
  readonly connections: number | null;
}

/** `connections` are open; the command listener falls over now and then, and is restarted. */
export function fakeTree(connections: number, nowMs: number, startedMs: number): { nodes: Node[] } {
  const minutes = (nowMs - startedMs) / 60_000;
  const isDown = (nowMs - startedMs) % 40_000 > 34_000;
  const listener = (name: string, label: string, open: number, phase: string, restarts: number): Node => ({
    sessionId: `listener:${name}`,
    parentId: 'gateway',
    kind: 'listener',
    label,
    machine: listenerMachine.id,
    state: phase,
    activeStates: phase.split('.').map((_, i, all) => `listener.${all.slice(0, i + 1).join('.')}`),
    restarts,
    connections: open,
  });
  const connector = (name: string, label: string, phase: string, restarts: number): Node => ({
    sessionId: `connector:${name}`,
    parentId: 'gateway',
    kind: 'connector',
    label,
    machine: connectorMachine.id,
    state: phase,
    activeStates: [`connector.${phase}`],
    restarts,
    connections: phase === 'connected' ? 1 : 0,
  });
  const plain = (kind: string, label: string, parentId: string | null, connections: number | null = null): Node => ({
    sessionId: kind,
    parentId,
    kind,
    label,
    machine: null,
    state: 'running',
    activeStates: [],
    restarts: 0,
    connections,
  });
  return {
    nodes: [
      plain('gateway', 'gateway', null, connections),
      listener('http', 'http://0.0.0.0:8080', Math.round(connections * 0.38), 'listening.active', 0),
      listener('https', 'https://0.0.0.0:8443', Math.round(connections * 0.58), 'listening.active', 0),
      listener('command', 'command 0.0.0.0:7000', Math.round(connections * 0.04), isDown ? 'waiting' : 'listening.quiet', 3 + Math.floor(minutes * 1.5)),
      plain('hub', 'hub', 'gateway'),
      plain('admin', 'admin http://127.0.0.1:9090', 'gateway', 2),
      connector('upstream', 'upstream.example:7000', isDown ? 'waiting' : 'connected', 1 + Math.floor(minutes)),
    ],
  };
}
