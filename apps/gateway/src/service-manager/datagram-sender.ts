// Sends text to a unix datagram socket, by socket(2) and sendto(2) through `node:ffi` (Node 26, Linux): node:dgram has no unix sockets.
//
// The descriptor stays open, so that a message can still be sent when descriptors have run out.

import { closeSync } from 'node:fs';
import { endianness } from 'node:os';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** sizeof(sun_path), without the zero that ends a path in the file system. */
const maxPathBytes = 107;
const familyBytes = 2;
const EAGAIN = 11;

type Ffi = typeof import('node:ffi');

/** `busy`: the receiver's queue is full, try again later. `failed`: nobody receives there. */
export type SendResult = 'sent' | 'busy' | 'failed';

export interface DatagramSender {
  send(text: string): SendResult;
  /** Idempotent. */
  close(): void;
}

/**
 * Opens a sender to `path`, an absolute path or, after `@`, a name of Linux's abstract namespace (unix(7)). Null if this version of Node, or this
 * platform, has no `node:ffi`, if it is not permitted, or if the path is neither of the two.
 */
export function openDatagramSender(path: string): DatagramSender | null {
  const address = socketAddress(path);
  if (address === null || process.platform !== 'linux' || endianness() !== 'LE') return null;
  try {
    const ffi = loadFfi();
    return ffi === null ? null : open(ffi, address);
  } catch {
    return null; // not permitted, or a libc without these functions
  }
}

/** A `struct sockaddr_un`, as long as its path makes it; null for what is no path of it. */
export function socketAddress(path: string): Uint8Array | null {
  const isAbstract = path.startsWith('@');
  if (!isAbstract && !path.startsWith('/')) return null;
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : path);
  if (name.length > maxPathBytes || name.length < 2) return null;
  const address = new Uint8Array(new ArrayBuffer(familyBytes + name.length + (isAbstract ? 0 : 1)));
  address[0] = AF_UNIX;
  address.set(name, familyBytes);
  return address;
}

/** Loads `node:ffi` without its experimental warning, about which an operator can do nothing. */
function loadFfi(): Ffi | null {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return (process.getBuiltinModule('node:ffi') as Ffi | undefined) ?? null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function open(ffi: Ffi, address: Uint8Array): DatagramSender | null {
  const { functions } = ffi.dlopen(null, {
    socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
    sendto: { arguments: ['i32', 'buffer', 'u64', 'i32', 'buffer', 'u32'], return: 'i64' },
    __errno_location: { arguments: [], return: 'u64' },
  });
  const errno = new Int32Array(ffi.toArrayBuffer(functions.__errno_location(), 4, false));
  let descriptor = functions.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (descriptor < 0) return null;
  return {
    send(text) {
      if (descriptor < 0) return 'failed';
      const bytes = Buffer.from(text);
      const sent = functions.sendto(descriptor, bytes, BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
      if (Number(sent) >= 0) return 'sent';
      return errno[0] === EAGAIN ? 'busy' : 'failed';
    },
    close() {
      if (descriptor >= 0) closeSync(descriptor);
      descriptor = -1;
    },
  };
}
