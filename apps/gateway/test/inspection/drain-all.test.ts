import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrainAll } from '../../src/inspection/drain-all.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start();
});
afterEach(() => running.stop());

const phases = () => [...running.gateway.registry.all()].map(({ state }) => state.phase);

describe('DrainAll', () => {
  it('goes at its pace through those who are there, and leaves those alone who end already or come later', () => {
    for (let i = 0; i < 25; i++) running.connect().upgrade('/topics/a');
    [...running.gateway.registry.all()][0]!.drain();
    const drainAll = new DrainAll(running.gateway.registry, running.loop, 100);
    expect([drainAll.start(), drainAll.start()]).toEqual([true, false]);
    expect(phases().filter((phase) => phase === 'draining')).toHaveLength(11);
    running.connect().upgrade('/topics/a');
    running.pass(101);
    expect(phases().filter((phase) => phase === 'draining')).toHaveLength(21);
    running.pass(101);
    expect(phases().filter((phase) => phase === 'established')).toHaveLength(1);
    expect(drainAll.start()).toBe(true);
    drainAll.close();
  });

  it('stops when it is closed', () => {
    for (let i = 0; i < 5; i++) running.connect().upgrade('/topics/a');
    const drainAll = new DrainAll(running.gateway.registry, running.loop, 10);
    drainAll.start();
    drainAll.close();
    running.pass(5000);
    expect(phases().filter((phase) => phase === 'established')).toHaveLength(4);
  });
});
