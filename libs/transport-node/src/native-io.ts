// sendmsg(2) and sendfile(2) called straight from JavaScript, where `node:ffi` is (Node 26, Linux).
//
// V8 compiles such a call into its caller when there are at most three arguments and all are 32-bit integers: it costs about
// 40 ns then, 250 more with a fourth argument, several hundred with a pointer. Hence sendmsg, which has three, where send
// has four; and hence the one output buffer is mapped below 4 GiB, where its address is such an integer. The mapping lasts
// as long as its thread, never moves, and holds, in this order:
//
//     [ output, 64 KiB | off_t of sendfile, 8 bytes | struct msghdr, 56 bytes | struct iovec, 16 bytes | rest of the page ]
//
// Every function answers what the system call does, -1 included, and throws nothing. `lastError()` is errno, to be read
// at once after a -1.

import { endianness } from 'node:os';

/** Capacity of the output buffer, and so the most that one `send` takes, in bytes. */
export const outputBytes = 65_536;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** Behind the output buffer, in words of 32 bits; pointers and sizes take two, the upper of which stays 0. */
const messageWord = 2;
const vectorWord = messageWord + 14;
const structBytes = 4 * (vectorWord + 4);
/** Where to ask for the mapping; the kernel goes elsewhere when it is taken. Far below 4 GiB, above where mmap starts. */
const addressHints = [0x2000_0000n, 0x3000_0000n, 0x5000_0000n, 0x7000_0000n];

/** Where a 32-bit argument reaches the callee with the register's upper half zero, as a pointer or size needs. */
const sixtyFourBit = ['x64', 'arm64'];

export const EAGAIN = 11;

/** What the kernel is reached by. One per thread. */
export interface NativeIo {
  /** The bytes that `send` sends, always from offset 0. */
  readonly output: Uint8Array;
  /** Sends `output[0, length)`. With `more`, the kernel may wait for what comes next to fill a segment. */
  send(fd: number, length: number, more: boolean): number;
  /** Sends up to `length` bytes of the file from `offset` on; 0 at its end. */
  sendFile(fd: number, file: number, offset: number, length: number): number;
  lastError(): number;
}

type Ffi = typeof import('node:ffi');

let cached: NativeIo | null | undefined;

/** The native calls, or `null` where the platform has none. Asked once; later calls answer the same object. */
export function nativeIo(): NativeIo | null {
  cached ??= open();
  return cached;
}

function open(): NativeIo | null {
  if (process.platform !== 'linux' || endianness() !== 'LE' || !sixtyFourBit.includes(process.arch)) return null;
  try {
    const ffi = loadFfi();
    return ffi === null ? null : bind(ffi);
  } catch {
    return null; // not permitted, a libc without one of the functions, no low memory: the portable way does the same work
  }
}

/**
 * Loads `node:ffi` without its experimental warning: the caller of this lib did not choose the module and can do nothing
 * about the warning. Loading is synchronous, so no other warning is lost meanwhile.
 */
function loadFfi(): Ffi | null {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return (process.getBuiltinModule('node:ffi') as Ffi | undefined) ?? null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function bind(ffi: Ffi): NativeIo | null {
  const { functions } = ffi.dlopen(null, {
    mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'u64' },
    sendmsg: { arguments: ['i32', 'u32', 'i32'], return: 'i32' },
    sendfile: { arguments: ['i32', 'i32', 'u32', 'u32'], return: 'i32' },
    munmap: { arguments: ['u64', 'u64'], return: 'i32' },
    __errno_location: { arguments: [], return: 'u64' },
  });
  const { sendmsg, sendfile } = functions;
  const mappedBytes = outputBytes + 4096;
  const address = mapLow(functions.mmap, functions.munmap, mappedBytes);
  if (address === 0) return null;
  const output = new Uint8Array(ffi.toArrayBuffer(BigInt(address), outputBytes, false));
  const words = new Uint32Array(ffi.toArrayBuffer(BigInt(address + outputBytes), structBytes, false));
  words[messageWord + 4] = address + outputBytes + 4 * vectorWord; // msg_iov
  words[messageWord + 6] = 1; // msg_iovlen
  words[vectorWord] = address; // iov_base
  const offsetAddress = address + outputBytes;
  const messageAddress = offsetAddress + 4 * messageWord;
  const errno = new Int32Array(ffi.toArrayBuffer(functions.__errno_location(), 4, false));
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return {
    output,
    send(fd, length, more) {
      words[vectorWord + 2] = length; // iov_len
      return sendmsg(fd, messageAddress, more ? flags | MSG_MORE : flags);
    },
    sendFile(fd, file, offset, length) {
      words[0] = offset % 0x1_0000_0000;
      words[1] = Math.floor(offset / 0x1_0000_0000);
      return sendfile(fd, file, offsetAddress, length);
    },
    lastError() {
      return errno[0];
    },
  };
}

type Mmap = (address: bigint, length: bigint, prot: number, flags: number, fd: number, offset: bigint) => bigint;
type Munmap = (address: bigint, length: bigint) => number;

/** Maps memory that ends below 4 GiB; answers its address, or 0. */
function mapLow(mmap: Mmap, munmap: Munmap, length: number): number {
  for (const hint of addressHints) {
    const address = mmap(hint, BigInt(length), PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
    if (address + BigInt(length) <= 0xffff_ffffn) return Number(address);
    munmap(address, BigInt(length));
  }
  return 0;
}
