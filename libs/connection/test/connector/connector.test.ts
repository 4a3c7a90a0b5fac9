import { describe, expect, it } from 'vitest';
import { Connector, type ConnectorSnapshot } from '../../src/index.ts';
import { GuestSession, scene, type Scene } from './scene.ts';

/** Nothing is open, armed or held. */
function expectNothingLeft({ wheel, pool, network, guests, resolver, connector, live }: Scene): void {
  expect(connector.connection).toBeNull();
  expect(live).toBe(0);
  expect(wheel.size).toBe(0);
  expect(pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
  expect(network.pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
  expect(guests.size).toBe(0);
  expect(resolver.pending).toBe(0);
}

describe('connecting', () => {
  it('looks the name up, connects, and is connected when the session says so', async () => {
    const stage = scene();
    stage.serve('10.0.0.1', 'greets');
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'], delayMs: 5 });
    const phases: string[] = [];
    stage.connector.subscribe((snapshot: ConnectorSnapshot) => phases.push(snapshot.value));
    expect(stage.phase()).toBe('idle');
    stage.connector.start();
    await stage.runUntil(50);
    expect(phases).toEqual(['resolving', 'choosing', 'connecting', 'handshaking', 'connected']);
    expect(stage.log).toEqual(['5 try 10.0.0.1', '7 connected 10.0.0.1']);
    expect(stage.connector.getSnapshot().value).toBe('connected');
    expect(stage.connector.sessionId).toBe(`connector:${stage.connector.id}`);
    expect(stage.connector.connection?.session.protocol).toBe('line');
    expect(stage.connector.failure).toBeNull();
    // No deadline of the connector's own is armed, and the handshake is not timed twice.
    for (const name of ['dnsResolve', 'connecting', 'handshake', 'reconnect'] as const) {
      expect(stage.wheel.dueAt(stage.connector, name)).toBe(Infinity);
      expect(stage.wheel.dueAt(stage.connector.connection!, name)).toBe(Infinity);
    }
  });

  it('tells the transport the name, so that a secure one asks for it', async () => {
    const stage = scene();
    const asked: unknown[] = [];
    const { host, network, resolver } = stage;
    resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    const connector = new Connector({
      target: { host: 'service.test', port: 7000 },
      transport: {
        name: 'listening in',
        listen: () => Promise.reject(new Error('not here')),
        connect: (options) => {
          asked.push({ host: options.host, port: options.port, serverName: options.serverName });
          return network.transport.connect(options);
        },
      },
      resolver,
      host,
      makeSession: ({ pool }) => new GuestSession(pool),
      random: () => 0,
    });
    connector.start();
    await stage.runUntil(20);
    expect(asked).toEqual([{ host: '10.0.0.1', port: 7000, serverName: 'service.test' }]);
    expect(connector.state.phase).toBe('connected');
  });

  it('tries the addresses in turn, families interleaved: refused, silent, unreachable, mute, closed, reset', async () => {
    const stage = scene({
      network: { hosts: ['10.0.0.1', '10.0.0.3', '10.0.0.4', '10.0.0.5', '::1', '::2'], silentHosts: ['10.0.0.2'] },
      timeouts: { connectingTimeoutMs: 100, handshakeTimeoutMs: 200 },
    });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '::1', '::9', '::2'] });
    stage.serve('10.0.0.3', 'mute');
    stage.serve('10.0.0.4', 'closes');
    stage.serve('::2', 'resets');
    stage.serve('10.0.0.5', 'greets');
    stage.connector.start();
    await stage.runUntil(2000);
    expect(stage.log.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'try 10.0.0.1',
      'failed connecting connectionRefused',
      'try ::1',
      'failed connecting connectionRefused',
      'try 10.0.0.2',
      'failed connecting timedOut',
      'try ::9',
      'failed connecting unreachable',
      'try 10.0.0.3',
      'failed handshaking timedOut',
      'try ::2',
      'failed handshaking connectionReset',
      'try 10.0.0.4',
      'failed handshaking peerClosed',
      'try 10.0.0.5',
      'connected 10.0.0.5',
    ]);
    expect(stage.guests.size).toBe(1);
    expect(stage.mostLive).toBe(1);
  });

  it('has the time-outs of the original: 5 s to resolve, 5 s to connect, 10 s to shake hands', async () => {
    const stage = scene({ network: { silentHosts: ['10.0.0.9'] }, random: () => 0 });
    stage.resolver.script('service.test', { delayMs: Infinity }, { addresses: ['10.0.0.9', '10.0.0.1'] });
    stage.serve('10.0.0.1', 'mute');
    stage.connector.start();
    await stage.runUntil(20_010);
    expect(stage.log.filter((line) => line.includes('failed'))).toEqual([
      '5000 failed resolving timedOut',
      '10001 failed connecting timedOut',
      '20003 failed handshaking timedOut',
    ]);
  });

  it('fails with a name that has no address, and one that is not known', async () => {
    const stage = scene({ backoff: { maxFailedRounds: 2 } });
    stage.resolver.script('service.test', { addresses: [] }, {});
    stage.connector.start();
    await stage.runUntil(2000);
    expect(stage.log).toEqual([
      '0 failed resolving notFound',
      '0 waits until 500',
      '500 failed resolving notFound',
      '500 stopped: service.test port 7000: resolve failed: notFound: service.test',
    ]);
    expectNothingLeft(stage);
  });

  it('tells that a session could not be made, closes what was opened, and goes on', async () => {
    let made = 0;
    const stage = scene({
      makeSession: ({ pool }) => {
        if (++made === 1) throw new Error('no session today');
        return new GuestSession(pool);
      },
    });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1', '10.0.0.2'] });
    stage.serve('10.0.0.1', 'greets');
    stage.serve('10.0.0.2', 'greets');
    stage.connector.start();
    await stage.runUntil(50);
    expect(stage.connector.failure).toMatchObject({ stage: 'handshaking', cause: new Error('no session today') });
    expect(stage.log.at(-1)).toMatch(/connected 10\.0\.0\.2$/);
    expect(stage.guests.size).toBe(1);
  });
});

describe('what throws', () => {
  const refuses = (): never => {
    throw new Error('thrown, not rejected');
  };

  it('in a resolver or a transport is a failure like any other', async () => {
    const unresolved = scene({ resolver: { resolve: refuses }, backoff: { maxFailedRounds: 1 } });
    unresolved.connector.start();
    await unresolved.runUntil(10);
    expect(unresolved.connector.failure).toMatchObject({ stage: 'resolving', cause: new Error('thrown, not rejected') });
    const unconnected = scene({ transport: { name: 'broken', listen: refuses, connect: refuses }, backoff: { maxFailedRounds: 1 } });
    unconnected.resolver.script('service.test', { addresses: ['10.0.0.1', '10.0.0.2'] });
    unconnected.connector.start();
    await unconnected.runUntil(10);
    expect(unconnected.log.map((line) => line.replace(/^\d+ /, '')).slice(0, 4)).toEqual([
      'try 10.0.0.1',
      'failed connecting null',
      'try 10.0.0.2',
      'failed connecting null',
    ]);
    for (const stage of [unresolved, unconnected]) {
      expect(stage.phase()).toBe('stopped');
      expectNothingLeft(stage);
    }
  });

  it.each(['attach', 'receive', 'step', 'end'] as const)('in a session (%s) ends that connection, is its cause, and leaves nothing behind', async (method) => {
    let made = 0;
    const stage = scene({
      makeSession: ({ pool }) => {
        const session = new GuestSession(pool);
        if (++made === 1) session[method] = refuses;
        return session;
      },
      timeouts: { handshakeTimeoutMs: 50 },
      backoff: { baseMs: 10 },
    });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    stage.connector.start();
    await stage.runUntil(20);
    // One that throws at its end has to come to it first.
    if (method === 'end') for (const guest of stage.guests) guest.abort();
    await stage.runUntil(1000);
    expect(stage.phase()).toBe('connected');
    expect(made).toBe(2);
    expect(stage.log.filter((line) => line.includes('crash'))).not.toEqual([]);
    stage.connector.abort();
    await stage.runUntil(1100);
    expectNothingLeft(stage);
  });
});

describe('reconnecting', () => {
  it('waits longer after each failed round, looks the name up anew each time, and begins afresh after a stable connection', async () => {
    const stage = scene({ backoff: { baseMs: 100, capMs: 1000, stableAfterMs: 5000 } });
    let isUp = false;
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', () => (isUp ? 'greets' : 'resets'));
    stage.connector.start();
    await stage.runUntil(2600);
    // Half of 100, 200, 400, 800, 1000, 1000 ms: the jitter of this stage is 0.5.
    const waits = stage.log.filter((line) => line.includes('waits')).map((line) => Number(line.split(' ').at(-1)) - Number(line.split(' ')[0]));
    expect(waits.slice(0, 6)).toEqual([50, 100, 200, 400, 500, 500]);
    expect(stage.resolver.lookups.length).toBe(stage.connector.failedRounds);
    isUp = true;
    stage.connector.retryNow();
    await stage.runUntil(4000);
    expect(stage.phase()).toBe('connected');
    await stage.runUntil(9500);
    stage.log.length = 0;
    for (const guest of stage.guests) guest.abort();
    await stage.runUntil(9600);
    expect(stage.log[0]).toMatch(/failed connected connectionReset/);
    expect(stage.log[1]).toMatch(/waits/);
    expect(stage.connector.failedRounds).toBe(0);
    expect(stage.phase()).toBe('connected');
  });

  it('does not take the loss of a stable connection for a failed round', async () => {
    const stage = scene({ backoff: { baseMs: 100, stableAfterMs: 5000, maxFailedRounds: 1 } });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    stage.connector.start();
    await stage.runUntil(6000);
    for (const guest of stage.guests) guest.abort();
    await stage.runUntil(6200);
    expect(stage.phase()).toBe('connected');
    // That one was not stable.
    for (const guest of stage.guests) guest.abort();
    await stage.runUntil(6300);
    expect(stage.phase()).toBe('stopped');
  });

  it('keeps counting when connections do not live long', async () => {
    const stage = scene({ backoff: { baseMs: 100, capMs: 10_000, stableAfterMs: 5000 } });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    stage.connector.start();
    for (let round = 1; round <= 4; round++) {
      await stage.network.until(() => stage.phase() === 'connected');
      for (const guest of stage.guests) guest.close();
      await stage.network.until(() => stage.phase() === 'waiting');
      expect(stage.connector.failedRounds).toBe(round);
      expect(stage.connector.retryAtMs - stage.clock.now()).toBe(50 * 2 ** (round - 1));
    }
  });

  it('honours the time a server asks for', async () => {
    const stage = scene();
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    stage.connector.start();
    await stage.network.until(() => stage.phase() === 'connected');
    for (const guest of stage.guests) {
      stage.say(guest, 'later 7000');
      guest.shutdown();
    }
    await stage.network.until(() => stage.phase() === 'waiting');
    expect(stage.connector.retryAtMs - stage.clock.now()).toBe(7500);
  });

  it('does not try the next address of a server that said no, and stops when it said never', async () => {
    const stage = scene();
    let answer: 'no' | 'never' = 'no';
    stage.resolver.script('service.test', { addresses: ['10.0.0.1', '10.0.0.2'] });
    stage.serve('10.0.0.1', () => answer);
    stage.serve('10.0.0.2', 'greets');
    stage.connector.start();
    await stage.network.until(() => stage.phase() === 'waiting');
    expect(stage.connector.failure).toMatchObject({ stage: 'handshaking', refusal: { text: 'the server said NO' }, reason: 'refused' });
    answer = 'never';
    await stage.network.until(() => stage.phase() === 'stopped');
    expect(stage.log.at(-1)).toMatch(/stopped: 10\.0\.0\.1 port 7000: the server said NEVER$/);
    expect(stage.log.some((line) => line.includes('10.0.0.2'))).toBe(false);
    await stage.runUntil(stage.clock.now() + 100);
    expectNothingLeft(stage);
  });

  it('gives up after so many failed rounds', async () => {
    const stage = scene({ backoff: { baseMs: 10, maxFailedRounds: 3 } });
    stage.resolver.script('service.test', { addresses: ['10.0.0.1', '10.0.0.2'] });
    stage.connector.start();
    expect(await stage.network.until(() => stage.phase() === 'stopped')).toBe(true);
    expect(stage.log.filter((line) => line.includes('try'))).toHaveLength(6);
    expect(stage.log.at(-1)).toContain('connectionRefused');
    expectNothingLeft(stage);
  });
});

describe('stopping', () => {
  it('says goodbye on an established connection, and waits for its end', async () => {
    const stage = scene();
    stage.resolver.script('service.test', { addresses: ['10.0.0.1'] });
    stage.serve('10.0.0.1', 'greets');
    stage.connector.start();
    await stage.network.until(() => stage.phase() === 'connected');
    const session = stage.connector.connection!.session as GuestSession;
    stage.connector.stop();
    expect(stage.phase()).toBe('stopping');
    session.connection.done();
    await stage.network.until(() => stage.phase() === 'stopped');
    expect(session.events).toContain('(drain served)');
    expect(session.events).toContain('(end served)');
    await stage.runUntil(stage.clock.now() + 100);
    expect(stage.log.at(-1)).toMatch(/stopped$/);
    expectNothingLeft(stage);
  });

  it('is final: no event leads out of it', async () => {
    const stage = scene();
    stage.connector.stop();
    expect(stage.phase()).toBe('stopped');
    stage.connector.start();
    stage.connector.retryNow();
    await stage.runUntil(1000);
    expect(stage.log).toEqual(['0 stopped']);
    expectNothingLeft(stage);
  });

  it.each(['stop', 'abort'] as const)('%s at any moment leaves nothing behind', async (how) => {
    // Every moment of: a look-up of 5 ms, a silent address, a mute one, a refusal, a wait, a connection that is lost.
    for (let atMs = 0; atMs < 140; atMs++) {
      const stage = scene({
        network: { silentHosts: ['10.0.0.9'], faults: { latencyMs: 2 } },
        timeouts: { connectingTimeoutMs: 20, handshakeTimeoutMs: 20 },
        backoff: { baseMs: 40 },
      });
      stage.resolver.script('service.test', { addresses: ['10.0.0.9', '10.0.0.1', '10.0.0.2'], delayMs: 5 }, { addresses: ['10.0.0.3'], delayMs: 5 });
      stage.serve('10.0.0.1', 'mute');
      stage.serve('10.0.0.2', 'closes');
      stage.serve('10.0.0.3', 'greets');
      stage.connector.start();
      await stage.runUntil(atMs);
      const before = stage.phase();
      stage.connector[how]();
      if (before === 'connected' && how === 'stop') stage.connector.connection?.done();
      await stage.runUntil(atMs + 3000);
      expect(stage.phase(), `${how} at ${atMs} ms, ${before}`).toBe('stopped');
      expectNothingLeft(stage);
    }
  });

  it('closes an endpoint that comes although the attempt was given up', async () => {
    const { host, network, resolver, guests, runUntil, serve } = scene();
    resolver.script('service.test', { addresses: ['10.0.0.1'] });
    serve('10.0.0.1', 'greets');
    const connector = new Connector({
      target: { host: 'service.test', port: 7000 },
      // One that does not listen to the signal.
      transport: { name: 'deaf', listen: () => Promise.reject(new Error('not here')), connect: ({ host: to, port }) => network.transport.connect({ host: to, port }) },
      resolver,
      host,
      makeSession: ({ pool }) => new GuestSession(pool),
      random: () => 0,
    });
    connector.start();
    await network.until(() => connector.state.phase === 'connecting');
    connector.stop();
    await runUntil(100);
    expect(connector.state.phase).toBe('stopped');
    expect(guests.size).toBe(0);
  });

  it.each(['onAttempt', 'onConnected', 'onFailure', 'onStep'] as const)('may be asked for from inside %s', async (when) => {
      const stage = scene({ observer: { [when]: (connector: Connector) => connector.abort() } });
      stage.resolver.script('service.test', { addresses: ['10.0.0.2', '10.0.0.1'] });
      stage.serve('10.0.0.1', 'greets');
      stage.connector.start();
      await stage.runUntil(100);
      expect(stage.phase()).toBe('stopped');
      expectNothingLeft(stage);
  });
});
