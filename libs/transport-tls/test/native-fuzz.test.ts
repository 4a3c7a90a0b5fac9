// Bytes that nobody would send, and owners who do everything at the wrong moment, against the native form. All connections share one arena
// and one pair of BIOs: beside the one under attack there is always another, which must not notice.

import { Brigade, makeSent } from '@sluice/brigade';
import { MemoryNetwork, Random } from '@sluice/transport-memory';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { secureEndpoint, TlsContexts, type TlsVersion } from '../src/index.ts';
import { liveChannels } from '../src/native/channel.ts';
import { nativeTls } from '../src/native/form.ts';
import { Certificates } from './certificates.ts';
import { type Damage, Mutated } from './mutated.ts';
import { RawClient } from './native/raw-client.ts';
import { connected, Owner } from './secure-pair.ts';
import { untilNetwork } from './set-up.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.make({ subject: '/CN=memory', names: 'DNS:memory' });
/** For a longer run by hand. */
const times = Number(process.env['SLUICE_FUZZ_TIMES'] ?? 1);

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.oneof(fc.nat(80), fc.nat(2000)),
  kind: fc.constantFrom('flip', 'drop', 'insert', 'repeat', 'end'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});

describe.runIf(nativeTls().openssl !== null)('NativeEndpoint', () => {
  const options = { certificates: [identity, identity], clientCertificate: 'request', ca: certificates.root.certificate, sessionIds: 10 } as const;
  const contexts = new TlsContexts(options);
  const role = (network: MemoryNetwork) => ({ role: 'server', contexts, pool: network.pool }) as const;
  afterEach(() => expect(liveChannels()).toBe(0));

  it('damaged handshakes and records end their own connection, once, and no other', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const [innerServer, innerClient] = connected(network);
    const beside = new Owner(secureEndpoint(innerServer, role(network)));
    const besideClient = new RawClient(innerClient, network.pool);
    let inputs = 0;
    const version = fc.constantFrom<TlsVersion>('TLSv1.2', 'TLSv1.3');
    await fc.assert(
      fc.asyncProperty(version, fc.array(damage, { minLength: 1, maxLength: 4 }), fc.boolean(), async (version, damages, reloads) => {
        const [inner, outer] = connected(network);
        const server = new Owner(secureEndpoint(inner, role(network)));
        if (reloads) contexts.reload(options);
        const client = new RawClient(new Mutated(outer, network.pool, damages), network.pool, version);
        for (let turn = 0; turn < 3; turn++) {
          network.run(() => false);
          if (client.agreed) client.say('never what was sent, or all of it');
        }
        outer.shutdown();
        network.run(() => false);
        server.endpoint.close();
        outer.abort();
        expect(await untilNetwork(network, () => server.closed !== undefined && client.closed)).toBe(true);
        expect(server.events.filter((event) => event === 'close' || event === 'secure').length).toBeLessThanOrEqual(2);
        expect('never what was sent, or all of it'.repeat(3).startsWith(server.text)).toBe(true);
        besideClient.say('quite undisturbed');
        network.run(() => false);
        expect([beside.bytes, beside.closed]).toEqual([17 * ++inputs, undefined]);
      }),
      { numRuns: 300 * times },
    );
    beside.endpoint.abort();
    innerClient.abort();
    expect(await untilNetwork(network, () => beside.closed !== undefined && besideClient.closed)).toBe(true);
    expect(network.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  }, 60_000 * times);

  it('owners who write to, close, abort and pause each other from inside any callback mix nothing up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const network = new MemoryNetwork({ seed });
        const random = new Random(seed);
        const roll = (sides: number): number => random.below(sides);
        let left = 400;
        const players = Array.from({ length: 8 }, (_, index) => {
          const [inner, outer] = connected(network);
          const letter = String.fromCharCode(97 + index);
          return { letter, server: new Owner(secureEndpoint(inner, role(network))), client: new RawClient(outer, network.pool, roll(2) === 0 ? 'TLSv1.2' : 'TLSv1.3'), outer };
        });
        /** To each player goes his own letter only, from whoever's callback it is sent; bytes of any other have gone astray. */
        const meddle = (): void => {
          for (let deeds = roll(4); deeds > 0 && left > 0; deeds--, left--) {
            const { letter, server } = players[roll(players.length)];
            const { endpoint } = server;
            const deed = roll(20);
            if (deed === 0) endpoint.close();
            else if (deed === 1) endpoint.abort();
            else if (deed === 2) endpoint.shutdown();
            else if (deed < 5) endpoint.setReading(false);
            else if (deed < 8) endpoint.setReading(true);
            else {
              const message = new Brigade(network.pool);
              message.writeLatin1(letter.repeat(1 + roll(roll(5) === 0 ? 70_000 : 200)));
              if (roll(2) === 0) message.append(makeSent(meddle));
              endpoint.write(message);
            }
          }
        };
        for (const { server } of players) {
          server.inSecure = meddle;
          server.onProgress = meddle;
          for (const name of ['onBytes', 'onEnd', 'onClose'] as const) {
            const heard = server[name] as (...told: unknown[]) => void;
            server[name] = (...told: unknown[]): void => {
              if (name === 'onBytes') expect(heardOnly(told[0] as Uint8Array, told[1] as number, told[2] as number, server, players)).toBe(true);
              heard.apply(server, told);
              meddle();
            };
          }
        }
        for (let round = 0; round < 12; round++) {
          for (const { client, letter } of players) if (client.agreed) client.say(letter.toUpperCase().repeat(1 + roll(300)));
          await untilNetwork(network, () => false);
        }
        for (const { client, letter } of players) {
          expect(client.text.replaceAll(letter, '')).toBe('');
          expect(client.failure?.code ?? '').not.toMatch(/MAC|DECRYPT/);
        }
        for (const { server, outer } of players) {
          server.endpoint.abort();
          outer.abort();
        }
        expect(await untilNetwork(network, () => players.every(({ server, client }) => server.closed !== undefined && client.closed))).toBe(true);
        await untilNetwork(network, () => false); // what the last of them wrote to the others is dropped in the next turn
        for (const { server } of players) expect(server.closed?.message ?? '').not.toMatch(/MAC|DECRYPT/);
        expect(network.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
      }),
      { numRuns: 15 * times },
    );
  }, 60_000 * times);
});

interface Player {
  readonly letter: string;
  readonly server: Owner;
}

/** What a player's server hears is his own letter, in capitals. */
function heardOnly(bytes: Uint8Array, start: number, end: number, server: Owner, players: readonly Player[]): boolean {
  const own = players.find((player) => player.server === server)?.letter.toUpperCase().charCodeAt(0);
  for (let at = start; at < end; at++) if (bytes[at] !== own) return false;
  return true;
}
