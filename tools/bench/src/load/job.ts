// What the bench asks of a load generator process, and what that answers.

/** Where to connect, and from which loopback address, so that ports of one address cannot run out. */
export interface Target {
  readonly port: number;
  readonly localAddress: string;
  /** Over TLS, whatever the server's certificate says. */
  readonly secure?: boolean;
}

/** Work for one process. Sizes are payload bytes. */
export type Job = Target &
  (
    | { readonly kind: 'echo'; readonly path: string; readonly connections: number; readonly inFlight: number; readonly bytes: number }
    | {
        readonly kind: 'fanout';
        readonly path: string;
        readonly connections: number;
        readonly inFlight: number;
        readonly bytes: number;
        /** How often the bench asks for a publication: alone, the process does it itself as long as it runs. */
        readonly share: 'alone' | 'publisher' | 'subscriber';
      }
    | { readonly kind: 'request'; readonly request: string; readonly connections: number }
    | { readonly kind: 'events'; readonly path: string; readonly connections: number; readonly bytes: number }
    | { readonly kind: 'idle'; readonly path: string; readonly connections: number }
  );

export type Command =
  | { readonly command: 'open'; readonly job: Job }
  | { readonly command: 'run'; readonly durationMs: number }
  | { readonly command: 'publish' };

export type Answer =
  | { readonly answer: 'opened' }
  /** `messages` delivered, and the generator's own CPU while they were. */
  | { readonly answer: 'done'; readonly messages: number; readonly cpuUs: number }
  /** A shared fan-out: this process's part of a publication has arrived. */
  | { readonly answer: 'arrived' }
  | { readonly answer: 'failed'; readonly message: string };

/** One kind of work, driven by the worker. Everything unexpected is thrown, out of a callback too: the worker reports it. */
export interface Workload {
  /** Connects everything. */
  open(): Promise<void>;
  /** Works for so long, then waits until all that is outstanding has come back; answers how many messages were delivered. */
  run(durationMs: number): Promise<number>;
}
