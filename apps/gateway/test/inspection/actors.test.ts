import { Connector, connectionMachine, connectorMachine, listenerMachine, type ConnectorOptions } from '@sluice/connection';
import { MemoryResolver } from '@sluice/transport-memory';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayActors, PlainActor } from '../../src/inspection/actors.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { jsonOf, newest } from './admin-client.ts';

let running: GatewayInMemory;
afterEach(() => running.stop());

const treeOf = () => jsonOf(running.connectAdmin().request('GET /inspection/tree'))['nodes'] as Record<string, unknown>[];

describe('the tree', () => {
  it('has everything that runs, each with its chart, state and connections', async () => {
    running = await GatewayInMemory.start({ http: ['127.0.0.1:0', '[::1]:0'], command: ['127.0.0.1:0'] });
    running.connect(running.gateway.http[1]!).upgrade('/topics/a');
    const nodes = treeOf();
    const { http, admin, command } = running.gateway;
    expect(nodes.map(({ kind, label, connections }) => [kind, label, connections])).toEqual([
      ['gateway', 'gateway', 1],
      ['hub', 'hub', null],
      ['admin', `http 127.0.0.1:${admin!.port}`, 1],
      ['listener', `http 127.0.0.1:${http[0]!.port}`, 0],
      ['listener', `http [::1]:${http[1]!.port}`, 1],
      ['listener', `command 127.0.0.1:${command[0]!.port}`, 0],
      ['listener', 'adopted', 0],
    ]);
    const second = nodes.find(({ sessionId }) => sessionId === running.gateway.listeners[1]!.actor.sessionId);
    expect(second).toMatchObject({ parentId: 'gateway', machine: 'listener', state: 'listening.active', activeStates: ['listener.listening', 'listener.listening.active'], restarts: 0 });
    expect(nodes.every(({ parentId, sessionId }) => (parentId === null) === (sessionId === 'gateway'))).toBe(true);
  });

  it('counts how often a listener came back', async () => {
    running = await GatewayInMemory.start();
    const { actor } = running.gateway.listeners[0]!;
    const restarts = () => treeOf().find(({ sessionId }) => sessionId === actor.sessionId)!['restarts'];
    actor.send('DIED');
    actor.send('RETRY');
    expect(restarts()).toBe(0);
    actor.send('BOUND');
    expect(restarts()).toBe(1);
  });
});

describe('GatewayActors', () => {
  it('knows charts and facts of actors, and whose child an adopted connection is', async () => {
    running = await GatewayInMemory.start();
    running.connect().upgrade('/topics/a?tag=b');
    const connection = newest(running);
    const actors = new GatewayActors(running.gateway.registry);
    const { network, loop } = running;
    const host = { ...connection.host, ...loop };
    const options: ConnectorOptions = { target: { host: 'peer', port: 1 }, transport: network.transport, resolver: new MemoryResolver(network.clock), host, random: () => 0.5, makeSession: () => expect.unreachable() };
    const connector = new Connector(options);
    const remove = running.gateway.registry.addConnecting(connector);
    const { actor: listener } = running.gateway.listeners[0]!;
    expect([connection, listener, connector, actors.root].map((actor) => actors.machineOf(actor))).toEqual([connectionMachine, listenerMachine, connectorMachine, null]);
    expect(actors.factsOf(connection)).toEqual({ peer: '127.0.0.1', protocol: 'websocket', topics: ['a'], tags: ['b'] });
    expect(actors.factsOf(listener)).toEqual({ peer: null, protocol: null, topics: [], tags: [] });
    expect([actors.parentOf(connection)!.sessionId, actors.parentOf(listener), actors.parentOf(actors.root)]).toEqual(['adopted', actors.root, null]);
    actors.setParent(connection.host, listener);
    expect(actors.parentOf(connection)).toBe(listener);
    expect(actors.tree().at(-1)).toMatchObject({ kind: 'connector', label: 'peer:1', machine: 'connector', state: 'idle', connections: 0 });
    expect(new PlainActor('x').getSnapshot().status).toBe('active');
    remove();
  });
});
