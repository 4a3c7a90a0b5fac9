// The kernel-side half of a net.Socket, used without the net.Socket.
//
// An idle net.Socket costs about 3 KB and each read an event, a Buffer and a few listeners. What does the work below it is
// a TCP handle, an object of Node's own that has had the same methods since Node 12. This file is all that knows about
// them: their shape, where to find them, and whether this Node has them as they are described here. Where it has not,
// `tcpInternals()` answers `null` and endpoints are made over public net.Sockets.
//
// A read works so: the handle reads into the one buffer all handles share and calls `onread` with itself as `this`; the
// number of bytes, or a negative errno, stands in `state[readResult]`. A write tries the kernel at once; `state[lastWriteWasAsync]`
// tells whether something is left, for which `oncomplete` of the request comes later.

import { Socket, type Server } from 'node:net';

/** Passed to `writeBuffer` and `shutdown`; the handle calls `oncomplete` with 0 or a negative errno. */
export interface HandleRequest {
  oncomplete: ((this: HandleRequest, status: number) => void) | null;
  handle: TcpHandle | null;
  /** Keeps the bytes alive while the handle writes them. */
  buffer: Uint8Array | null;
}

export interface AddressOut {
  address?: string;
  port?: number;
}

/** The methods used of Node's TCP handle. Those that can fail answer 0 or a negative errno. */
export interface TcpHandle {
  readonly fd: number;
  /** Whom the handle belongs to: a net.Socket, or one of our endpoints. */
  owner: unknown;
  onread: (this: TcpHandle) => void;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number;
  shutdown(request: HandleRequest): number;
  setNoDelay(on: boolean): number;
  getpeername(out: AddressOut): number;
  getsockname(out: AddressOut): number;
  close(closed?: () => void): void;
  /** RST, then as `close`. */
  reset(closed?: () => void): number;
}

/** A listening handle. */
interface ServerHandle {
  onconnection: ((this: unknown, status: number, handle: TcpHandle | undefined) => void) | null;
}

export interface TcpInternals {
  /** Node's state words of the stream operation that was done last, and the positions of two of them. */
  readonly state: Int32Array;
  readonly readResult: number;
  readonly lastWriteWasAsync: number;
  readonly WriteRequest: new () => HandleRequest;
  readonly ShutdownRequest: new () => HandleRequest;
}

const handleMethods = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeBuffer',
  'shutdown',
  'setNoDelay',
  'getpeername',
  'getsockname',
  'close',
  'reset',
] as const;

interface StreamWrapBinding {
  readonly streamBaseState?: unknown;
  readonly WriteWrap?: unknown;
  readonly ShutdownWrap?: unknown;
  readonly kReadBytesOrError?: unknown;
  readonly kLastWriteWasAsync?: unknown;
}

let cached: TcpInternals | null | undefined;

/** What is needed beside the handles, or `null` where this Node has it not. Asked once. */
export function tcpInternals(): TcpInternals | null {
  cached ??= findInternals();
  return cached;
}

function findInternals(): TcpInternals | null {
  const binding = (process as { binding?: (name: string) => unknown }).binding;
  if (binding === undefined) return null;
  try {
    const wrap = binding.call(process, 'stream_wrap') as StreamWrapBinding;
    const { streamBaseState, WriteWrap, ShutdownWrap, kReadBytesOrError, kLastWriteWasAsync } = wrap;
    if (!(streamBaseState instanceof Int32Array)) return null;
    if (typeof kReadBytesOrError !== 'number' || typeof kLastWriteWasAsync !== 'number') return null;
    if (typeof WriteWrap !== 'function' || typeof ShutdownWrap !== 'function') return null;
    return {
      state: streamBaseState,
      readResult: kReadBytesOrError,
      lastWriteWasAsync: kLastWriteWasAsync,
      WriteRequest: WriteWrap as new () => HandleRequest,
      ShutdownRequest: ShutdownWrap as new () => HandleRequest,
    };
  } catch {
    return null; // the binding is not open to us: permissions, or a Node that has dropped it
  }
}

/** Whether a value is a TCP handle with all that we use of one. */
function isTcpHandle(value: unknown): value is TcpHandle {
  if (typeof value !== 'object' || value === null) return false;
  if (value.constructor.name !== 'TCP' || !('fd' in value && 'owner' in value && 'onread' in value)) return false;
  const methods = value as Record<string, unknown>;
  return handleMethods.every((name) => typeof methods[name] === 'function');
}

/**
 * Takes the handle out of a connected, paused net.Socket that has nothing left to write. The socket is spent afterwards:
 * it is destroyed, which it tells its listeners, while the connection lives on in the handle.
 * Answers `null`, and leaves the socket alone, when it is anything but a plain TCP net.Socket.
 */
export function takeHandle(socket: Socket): TcpHandle | null {
  if (tcpInternals() === null || socket.constructor !== Socket) return null;
  if (socket.writableLength > 0 || socket.writableEnded || socket.readableEnded) return null;
  const shell = socket as unknown as { _handle: unknown };
  const handle = shell._handle;
  if (!isTcpHandle(handle)) return null;
  handle.readStop();
  handle.onread = ignore;
  handle.owner = null;
  shell._handle = null;
  socket.destroy();
  return handle;
}

/**
 * Lets a listening server hand each accepted connection to `accepted` as a bare handle, with no net.Socket made.
 * Answers false, and changes nothing, where this cannot be done.
 */
export function acceptHandles(
  server: Server,
  accepted: (handle: TcpHandle) => void,
  failed: (status: number) => void,
): boolean {
  const serverHandle = (server as unknown as { _handle: ServerHandle | null })._handle;
  if (tcpInternals() === null || typeof serverHandle?.onconnection !== 'function') return false;
  serverHandle.onconnection = (status, handle) => {
    if (status === 0 && isTcpHandle(handle)) accepted(handle);
    else failed(status);
  };
  return true;
}

/** An `onread` that does nothing; the handle insists on a function. */
export function ignore(): void {}
