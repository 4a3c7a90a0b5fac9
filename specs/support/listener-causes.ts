// What makes each event of the listener chart happen on a listener of a real gateway: a transport whose binds come out as they are told to and
// whose listeners can die, clients that connect, operators that stop it, time. Nothing sends an event to the chart.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { ListenerEventType } from '@sluice/connection';
import { parseRecording } from '@sluice/inspection';
import type { SupervisedListener } from '@sluice/supervision';
import { VirtualClock } from '@sluice/timing';
import { TransportError, type Listener, type ListenerSink, type Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import * as Effect from 'effect/Effect';
import { labelOf, type ChartPath, type ChartRules } from './chart-paths.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { StepLog, type LoggedStep } from './step-log.ts';
import { steppedTime } from './stepped-time.ts';

export const listenerRules: ChartRules = {
  reasonAgainst(state, event) {
    if (state !== 'starting') return null;
    if (event === 'STOP') return 'a bind is never left half done: whoever ends the gateway now waits for it';
    return event === 'BIND.FAILED' ? 'the gateway fails with it, and nobody is left to look (below)' : null;
  },
};

/** Apart from the admin listener, which is not what fails here. */
const host = '127.0.0.2';
const listenTimeoutMs = 1000;

/** A transport for real sockets whose binds to the host wait until it is said how they come out. */
export class MoodyTransport implements Transport {
  readonly name = 'node';
  readonly connect: Transport['connect'];
  readonly #inner = createNodeTransport({ overloadShare: 1 });
  #waiting: ((fails: TransportError | null) => void)[] = [];
  #noted: (() => void) | null = null;
  #isSettled = false;
  #last: { readonly listener: Listener; readonly sink: ListenerSink } | null = null;

  constructor() {
    this.connect = (options) => this.#inner.connect(options);
  }

  async listen(options: Parameters<Transport['listen']>[0], sink: ListenerSink): Promise<Listener> {
    if (options.host !== host) return this.#inner.listen(options, sink);
    const failure = this.#isSettled ? null : await new Promise<TransportError | null>((resolve) => {
      this.#waiting.push(resolve);
      this.#noted?.();
    });
    if (failure !== null) throw failure;
    const listener = await this.#inner.listen(options, sink);
    this.#last = { listener, sink };
    return listener;
  }

  /** The bind under way, or the next to come, succeeds or fails. */
  async decide(failure: TransportError | null): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#noted = resolve));
    this.#noted = null;
    this.#waiting.shift()!(failure);
  }

  /** Every bind succeeds from here on, those under way too: what waits for one can end. */
  settle(): void {
    this.#isSettled = true;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }

  /** The kernel has closed the socket. */
  die(): void {
    if (this.#last === null) throw new Error('nothing listens');
    const { listener, sink } = this.#last;
    this.#last = null;
    listener.close();
    sink.onClose(new TransportError('accept', 'other'));
  }
}

export const bindFailure = new TransportError('listen', 'addressInUse');

export interface TakenPath {
  /** The states after each step but the first: nobody can subscribe to a listener before it listens. */
  readonly seen: readonly string[];
  /** Every change of state, as the inspector's recording has it. */
  readonly recorded: readonly LoggedStep[];
}

export class ListenerStage {
  readonly #transport = new MoodyTransport();
  readonly #clock = new VirtualClock();
  readonly #starting: Promise<RunningGateway>;
  readonly #log = new StepLog<string>();
  #running: RunningGateway | null = null;

  constructor() {
    const config = { http: [`${host}:0`], timeouts: { listenTimeoutMs } };
    this.#starting = runGateway({ config, tls: false, transport: this.#transport, loop: steppedTime(this.#clock) });
  }

  /** Takes a path from the beginning. */
  async take({ steps }: ChartPath): Promise<TakenPath> {
    try {
      for (const [i, { event, from }] of steps.entries()) {
        const cause = this.#causes[event as ListenerEventType];
        if (cause === undefined) throw new Error(`nothing is known to cause ${event}`);
        await cause();
        if (this.#running === null) this.#follow(await this.#starting);
        // Where it starts nobody can follow it yet; the recording has that step too.
        await this.#log.reaches(i, `${event} in ${from}`);
      }
      return { seen: [...this.#log.steps], recorded: await this.#recorded() };
    } finally {
      this.#transport.settle();
      await (await this.#starting).stop();
    }
  }

  readonly #causes: Readonly<Record<ListenerEventType, (() => unknown) | undefined>> = {
    // ── the kernel ──
    BOUND: () => this.#transport.decide(null),
    'BIND.FAILED': () => this.#transport.decide(bindFailure),
    DIED: () => this.#transport.die(),
    // ── a client ──
    ACCEPTED: async () => {
      const client = connect(this.#listener.address.port, host);
      await once(client, 'connect');
      client.destroy();
    },
    // ── an operator ──
    STOP: () => {
      // It waits for a bind that is under way.
      Effect.runFork(this.#listener.stop);
    },
    // ── time ──
    'TIMEOUT.listen': () => this.#clock.advanceBy(2 * listenTimeoutMs),
    /** The shortest pause, in Effect's time. */
    RETRY: () => {},
  };

  get #listener(): SupervisedListener {
    return this.#running!.gateway.listeners[0]!;
  }

  #follow(running: RunningGateway): void {
    this.#running = running;
    this.#listener.actor.subscribe(({ value }) => this.#log.add(labelOf(value)));
  }

  async #recorded(): Promise<readonly LoggedStep[]> {
    const reply = await fetch(`${this.#running!.adminUrl}/inspection/recordings/${this.#listener.actor.sessionId}`);
    const [actor] = parseRecording(await reply.text()).actors;
    return actor!.steps.map(({ event, state }) => ({ event: event ?? '', to: labelOf(state) }));
  }
}
