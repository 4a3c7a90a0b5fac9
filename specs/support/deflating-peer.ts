// A client of RFC 7692 made of node:zlib and frames written by hand. It compresses whatever it is told to, in every form that section 7.2.1 allows, and
// inflates with a window no larger than was agreed on, so that a server which uses a larger one is found out.

import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, type DeflateRaw, type InflateRaw } from 'node:zlib';
import { difference, type EchoMessage } from './echo-messages.ts';
import type { EchoClient } from './echo-clients.ts';
import { opcodes, openSocket } from './websocket-wire.ts';
import { WirePeer } from './wire-peer.ts';

const tail = Buffer.from([0, 0, 0xff, 0xff]);

/** How a message is compressed. */
export type DeflateForm = 'whole' | 'stored' | 'several blocks' | 'full flush' | 'final block' | 'carried over' | 'uncompressed';

async function flushed(deflater: DeflateRaw, bytes: Buffer, flush: number): Promise<Buffer> {
  const output: Buffer[] = [];
  const take = (piece: Buffer): void => void output.push(piece);
  deflater.on('data', take);
  if (bytes.length > 0) deflater.write(bytes);
  await new Promise<void>((resolve) => deflater.flush(flush, () => resolve()));
  deflater.off('data', take);
  return Buffer.concat(output);
}

/** Without the last four bytes of the flush (section 7.2.1). */
function cutTail(bytes: Buffer): Buffer {
  return bytes.subarray(-4).equals(tail) ? bytes.subarray(0, -4) : Buffer.from([0]);
}

export class MessageDeflater {
  readonly #windowBits: number;
  readonly #carried: DeflateRaw;

  constructor(windowBits: number) {
    this.#windowBits = windowBits;
    this.#carried = createDeflateRaw({ windowBits });
  }

  async deflate(bytes: Buffer, form: DeflateForm): Promise<Buffer> {
    const windowBits = this.#windowBits;
    if (form === 'carried over') return cutTail(await flushed(this.#carried, bytes, constants.Z_SYNC_FLUSH));
    // Section 7.2.3.4: after a final block comes an empty one that is not.
    if (form === 'final block') return Buffer.concat([deflateRawSync(bytes, { windowBits }), Buffer.from([0])]);
    const deflater = createDeflateRaw({ windowBits, level: form === 'stored' ? 0 : 6 });
    const cuts = form === 'several blocks' || form === 'full flush' ? 4 : 1;
    const output: Buffer[] = [];
    for (let index = 0; index < cuts; index++) {
      const piece = bytes.subarray(Math.floor((index * bytes.length) / cuts), Math.floor(((index + 1) * bytes.length) / cuts));
      if (piece.length > 0 || index === 0) output.push(await flushed(deflater, piece, form === 'full flush' ? constants.Z_FULL_FLUSH : constants.Z_SYNC_FLUSH));
    }
    deflater.close();
    return cutTail(Buffer.concat(output));
  }
}

class MessageInflater {
  readonly #windowBits: number;
  readonly #carries: boolean;
  #inflater: InflateRaw | null = null;
  #failed: Promise<never> = Promise.race([]);

  constructor(windowBits: number, carries: boolean) {
    this.#windowBits = windowBits;
    this.#carries = carries;
  }

  async inflate(bytes: Buffer): Promise<Buffer> {
    const inflater = this.#carries && this.#inflater !== null ? this.#inflater : this.#open();
    const output: Buffer[] = [];
    const take = (piece: Buffer): void => void output.push(piece);
    inflater.on('data', take);
    inflater.write(Buffer.concat([bytes, tail]));
    await Promise.race([new Promise<void>((resolve) => inflater.flush(constants.Z_SYNC_FLUSH, () => resolve())), this.#failed]);
    inflater.off('data', take);
    return Buffer.concat(output);
  }

  #open(): InflateRaw {
    const inflater = createInflateRaw({ windowBits: this.#windowBits });
    this.#inflater = inflater;
    this.#failed = new Promise((_, reject) => inflater.on('error', reject));
    this.#failed.catch(() => {});
    return inflater;
  }
}

/** Cuts at places that depend on the seed, the first one inside the first bytes of the compressed data. */
function cutAnywhere(bytes: Buffer, frames: number, seed: number): Buffer[] {
  if (frames === 1) return [bytes];
  const cuts = [seed % 4, ...Array.from({ length: frames - 2 }, (_, index) => Math.floor(((index + 1) * bytes.length) / (frames - 1)) - (seed % 3))];
  const ends = [...cuts.map((cut) => Math.max(0, Math.min(bytes.length, cut))), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** All forms in turn, another one first for another seed. */
export function deflatingClient(seed: number): EchoClient {
  return {
    name: 'a peer that compresses everything, in every form',
    async check({ urls }, messages, compression) {
      const problems: string[] = [];
      for (const url of urls) {
        const { port, pathname } = new URL(url);
        const peer = await WirePeer.connect(Number(port));
        const { serverMaxWindowBits, clientMaxWindowBits, clientNoContextTakeover } = compression;
        const offer = `permessage-deflate; server_max_window_bits=${serverMaxWindowBits}; client_max_window_bits`;
        const reply = await openSocket(peer, pathname, `Sec-WebSocket-Extensions: ${offer}`);
        const agreed = reply.headers.get('sec-websocket-extensions') ?? '';
        if (!agreed.includes(`server_max_window_bits=${serverMaxWindowBits}`)) problems.push(`${url}: agreed on ${agreed}`);
        const forms: DeflateForm[] = ['whole', 'stored', 'several blocks', 'full flush', 'final block', 'uncompressed'];
        // What is carried over must not meet a final block, behind which every inflater begins anew.
        if (!clientNoContextTakeover && (seed & 1) === 0) forms.splice(0, 5, 'carried over', 'carried over');
        const deflater = new MessageDeflater(clientMaxWindowBits);
        const inflater = new MessageInflater(serverMaxWindowBits, !agreed.includes('server_no_context_takeover'));
        for (const [index, message] of messages.entries()) {
          const form = forms[(index + seed) % forms.length]!;
          await sendDeflated(peer, message, form, deflater, seed + index);
          const wrong = await echoOf(peer, message, inflater);
          if (wrong !== null) problems.push(`${url}: ${form}: ${wrong}`);
        }
        peer.destroy();
      }
      return problems;
    },
  };
}

async function sendDeflated(peer: WirePeer, { bytes, isText, frames }: EchoMessage, form: DeflateForm, deflater: MessageDeflater, seed: number): Promise<void> {
  const payload = form === 'uncompressed' ? bytes : await deflater.deflate(bytes, form);
  const pieces = cutAnywhere(payload, frames, seed);
  for (const [index, piece] of pieces.entries()) {
    const opcode = index > 0 ? opcodes.continuation : isText ? opcodes.text : opcodes.binary;
    peer.sendFrame({ opcode, payload: piece, fin: index === pieces.length - 1, rsv: index === 0 && form !== 'uncompressed' ? 4 : 0 });
  }
}

/** Reads the next message that is no tick of `/ping`; what is wrong with it. */
async function echoOf(peer: WirePeer, message: EchoMessage, inflater: MessageInflater): Promise<string | null> {
  for (;;) {
    const { opcode, rsv, payload, fin } = await peer.frame();
    if (opcode === opcodes.ping) continue;
    if (opcode === opcodes.close) return `closed: ${payload.toString('utf8', 2)}`;
    if (!fin) return 'came back in fragments';
    const got = rsv === 4 ? await inflater.inflate(payload) : payload;
    if (opcode === opcodes.text && got.toString('latin1', 0, 12) === '{"sequence":') continue;
    return difference(message, got, opcode === opcodes.text);
  }
}
