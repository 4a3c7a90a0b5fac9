// `sluice top` and `sluice inspect` without a network: an admin API that answers what a test has given it, and a console.

import { PassThrough } from 'node:stream';
import type { ClientIo } from '../../src/client/client-io.ts';
import type { Host } from '../../src/cli/host.ts';
import { AdminError, type AdminApi, type AdminTarget } from '../../src/cli/inspect-admin.ts';
import { Screen } from '../client/console.ts';

export class AdminStub implements AdminApi {
  readonly asked: string[] = [];
  /** By path, up to the query. */
  readonly documents = new Map<string, unknown>();
  tell: (name: string, data: unknown) => void = () => {};
  /** Ends the event stream: in good order, or with an error. */
  endStream: (error?: Error) => void = () => {};

  get(path: string): Promise<unknown> {
    this.asked.push(path);
    const document = this.documents.get(path.replace(/\?.*/, ''));
    return document === undefined ? Promise.reject(new AdminError(`nothing at ${path}`)) : Promise.resolve(document);
  }

  follow(path: string, onEvent: (name: string, data: unknown) => void, signal: AbortSignal): Promise<void> {
    this.asked.push(path);
    this.tell = onEvent;
    return new Promise((resolve, reject) => {
      this.endStream = (error) => (error === undefined ? resolve() : reject(error));
      signal.addEventListener('abort', () => resolve());
    });
  }
}

export interface Console {
  readonly io: ClientIo;
  readonly host: Host;
  readonly stdin: PassThrough;
  readonly out: Screen;
  readonly errors: string[];
  interrupt: () => void;
}

export function makeConsole(isTerminal: boolean, env: Record<string, string> = {}, files: Record<string, string> = {}): Console {
  const [stdin, out, errors] = [new PassThrough(), new Screen(), [] as string[]];
  const io: ClientIo = {
    stdin,
    stdout: out,
    stderr: new Screen(),
    isOutTerminal: isTerminal,
    isErrorTerminal: isTerminal,
    onInterrupt: (listener) => {
      made.interrupt = listener;
      return () => (made.interrupt = () => {});
    },
  };
  const host: Host = {
    argv: [],
    env,
    directoryProblem: () => null,
    readFile: (path) => {
      if (!Object.hasOwn(files, path)) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      return files[path]!;
    },
    columns: 80,
    version: () => '0',
    print: (text) => void out.write(text),
    printError: (text) => void errors.push(text),
  };
  const made: Console = { io, host, stdin, out, errors, interrupt: () => {} };
  return made;
}

/** Lets promises at hand settle. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A connect function that answers the stub, and keeps what it was asked for. */
export function connectTo(stub: AdminStub): { connect: (target: AdminTarget) => AdminApi; targets: AdminTarget[] } {
  const targets: AdminTarget[] = [];
  return {
    targets,
    connect: (target) => {
      targets.push(target);
      return stub;
    },
  };
}
