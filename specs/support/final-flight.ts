// A TLS client whose first application bytes travel in one packet with the end of its handshake: what it writes from the server's first
// flight on is held back until those bytes are among it. In TLS 1.2 that takes a session to resume, for otherwise the server has the last word.

import { connect as connectClear, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { MadeCertificate } from '@sluice/gateway/cert-maker';

export interface FinalFlightOptions {
  readonly port: number;
  readonly identity: MadeCertificate | null;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly session?: Buffer;
  readonly data: string;
}

export interface FinalFlight {
  readonly socket: TLSSocket;
  /** Content types of the records in the packet (RFC 8446 section 5.1). */
  readonly records: readonly number[];
}

/** Resolves when the packet has been sent. */
export function sendWithFinalFlight({ port, identity, version, session, data }: FinalFlightOptions): Promise<FinalFlight> {
  return new Promise((resolve, reject) => {
    const below = connectClear({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const holding = new Holding(below);
    const socket = connect({
      socket: holding,
      rejectUnauthorized: false,
      servername: 'localhost',
      minVersion: version,
      maxVersion: version,
      ...(identity !== null && { cert: identity.certificate, key: identity.key }),
      ...(session !== undefined && { session }),
    });
    socket.once('error', reject);
    // Encrypted as soon as the handshake allows it; called back when it has been handed down.
    socket.write(Buffer.from(data, 'latin1'), () => {
      resolve({ socket, records: recordTypes(holding.release()) });
    });
  });
}

class Holding extends Duplex {
  readonly #below: Socket;
  #held: Buffer[] | null = null;
  #isReleased = false;

  constructor(below: Socket) {
    super();
    this.#below = below;
    below.on('data', (data: Buffer) => {
      if (!this.#isReleased) this.#held ??= [];
      this.push(data);
    });
    below.on('end', () => this.push(null));
    below.on('error', (error) => this.destroy(error));
  }

  /** Sends what was held in one packet, and answers it. */
  release(): Buffer {
    const packet = Buffer.concat(this.#held ?? []);
    this.#isReleased = true;
    this.#held = null;
    this.#below.write(packet);
    return packet;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#held === null) {
      this.#below.write(chunk, done);
      return;
    }
    this.#held.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#below.destroy();
    done(error);
  }
}

function recordTypes(packet: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < packet.length; at += 5 + packet.readUInt16BE(at + 3)) types.push(packet[at]!);
  return types;
}
