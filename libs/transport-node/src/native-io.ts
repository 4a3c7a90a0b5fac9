// send(2) and sendfile(2) called straight from JavaScript, where `node:ffi` is (Node 26, Linux).
//
// A call whose arguments are all 32-bit integers costs V8 about 15 ns; a pointer argument makes it several hundred.
// So the one output buffer is mapped below 4 GiB, where its address is such an integer. The mapping lasts as long as
// its thread, never moves, and holds, in this order:
//
//     [ output, 64 KiB | file offset (off_t), 8 bytes | rest of the page unused ]
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
    send: { arguments: ['i32', 'u32', 'u32', 'i32'], return: 'i32' },
    sendfile: { arguments: ['i32', 'i32', 'u32', 'u32'], return: 'i32' },
    munmap: { arguments: ['u64', 'u64'], return: 'i32' },
    __errno_location: { arguments: [], return: 'u64' },
  });
  const { send, sendfile } = functions;
  const mappedBytes = outputBytes + 4096;
  const address = mapLow(functions.mmap, functions.munmap, mappedBytes);
  if (address === 0) return null;
  const output = ffi.toBuffer(BigInt(address), outputBytes, false);
  const offsetAddress = address + outputBytes;
  const offsetWords = new Uint32Array(ffi.toArrayBuffer(BigInt(offsetAddress), 8, false));
  const errno = new Int32Array(ffi.toArrayBuffer(functions.__errno_location(), 4, false));
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return {
    output,
    send(fd, length, more) {
      return send(fd, address, length, more ? flags | MSG_MORE : flags);
    },
    sendFile(fd, file, offset, length) {
      offsetWords[0] = offset % 0x1_0000_0000;
      offsetWords[1] = Math.floor(offset / 0x1_0000_0000);
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
