import { describe, expect, it } from 'vitest';
import { isIoModule, layers, runtimeOf } from '../../src/boundaries/layers.ts';

/** Layers reachable from `name` through `uses` and `testsUse`. That tests use others of their own layer leads nowhere. */
function reachable(name: string, seen = new Set<string>()): Set<string> {
  const layer = layers[name];
  const testsUse = (layer?.testsUse ?? []).filter((next) => next !== name);
  for (const next of [...(layer?.uses ?? []), ...testsUse]) {
    if (!seen.has(next)) reachable(next, seen.add(next));
  }
  return seen;
}

describe('the layer table', () => {
  it('names only layers that it has', () => {
    for (const name of Object.keys(layers)) {
      for (const next of reachable(name)) expect(Object.keys(layers)).toContain(next);
    }
  });

  it('points one way, tests included', () => {
    for (const name of Object.keys(layers)) expect([...reachable(name)]).not.toContain(name);
  });

  it('lets only transports, apps, specs and tools do I/O', () => {
    const io = Object.keys(layers).filter((name) => layers[name]?.io);
    expect(io).toEqual(['transport', 'app', 'specs', 'tool']);
  });

  it('keeps protocols, bytes, timing and the hub away from node', () => {
    for (const name of ['bytes', 'timing', 'engine', 'hub', 'connection']) expect(layers[name]?.node).toBe(false);
  });
});

describe('names', () => {
  it('knows the packages of a confined runtime', () => {
    expect(runtimeOf('effect')).toBe('effect');
    expect(runtimeOf('@effect/platform-node')).toBe('effect');
    expect(runtimeOf('@xstate/store')).toBe('xstate');
    expect(runtimeOf('ws')).toBe(null);
    expect(runtimeOf('constructor')).toBe(null);
  });

  it('knows the I/O modules and what lies under them', () => {
    expect(['node:fs', 'node:fs/promises', 'node:net', 'node:tls', 'node:ffi'].every(isIoModule)).toBe(true);
    expect(['node:crypto', 'node:zlib', 'node:fsx'].some(isIoModule)).toBe(false);
  });
});
