// One listener's way through its chart (@sluice/connection, listener-chart.ts), with its `listen` deadline. Outwardly it is an XState
// actor (`getSnapshot`, `subscribe`, `sessionId`), so what looks at connections can look at listeners too.
//
// It is told of an accept only to move a deadline: without one, accepting costs it a comparison.

import { listenerSteps, type ListenerEventType, type ListenerSnapshot, type ListenerState } from '@sluice/connection';
import { NO_DEADLINE, type Clock, type DeadlineOwner, type TimingWheel } from '@sluice/timing';

export interface ListenerActorOptions {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  /** Silence after which `onQuiet` is called; 0 for never. */
  readonly listenTimeoutMs: number;
  readonly onQuiet: () => void;
  /** Whatever is bound has to be closed. */
  readonly onClose: () => void;
  /** The chart took a step. `from === to` where only actions ran. */
  readonly onStep?: (actor: ListenerActor, from: ListenerState, to: ListenerState, event: ListenerEventType) => void;
}

let listeners = 0;

export class ListenerActor implements DeadlineOwner {
  /** Unique in this process. */
  readonly id: number = ++listeners;
  state: ListenerState = listenerSteps.initialStep().target;
  /** The wheel's own. */
  firstDeadline: number = NO_DEADLINE;
  /** Of the clock. */
  readonly openedAtMs: number;
  /** A flight recorder's own: where it keeps the steps of this listener; −1 for nowhere. */
  flight: number = -1;
  readonly #options: ListenerActorOptions;
  #watchers: ((snapshot: ListenerSnapshot) => void)[] = [];

  constructor(options: ListenerActorOptions) {
    this.#options = options;
    this.openedAtMs = options.clock.now();
  }

  get sessionId(): string {
    return `listener:${this.id}`;
  }

  getSnapshot(): ListenerSnapshot {
    return this.state.snapshot;
  }

  /** Called after every step of the chart, as XState's actors do. */
  subscribe(watcher: (snapshot: ListenerSnapshot) => void): { unsubscribe(): void } {
    this.#watchers.push(watcher);
    return {
      unsubscribe: () => {
        this.#watchers = this.#watchers.filter((one) => one !== watcher);
      },
    };
  }

  /** A connection has come. */
  accepted(): void {
    if (this.#options.listenTimeoutMs > 0) this.send('ACCEPTED');
  }

  onTimeout(): void {
    this.send('TIMEOUT.listen');
  }

  /** Feeds one event to the chart. Answers false where it means nothing in this state. */
  send(type: ListenerEventType): boolean {
    const from = this.state;
    const { target, actions, taken } = listenerSteps.stepFrom(from, type);
    if (!taken) return false;
    this.state = target;
    const { clock, wheel, listenTimeoutMs, onQuiet, onClose, onStep } = this.#options;
    for (const action of actions) {
      switch (action.type) {
        case 'arm':
          if (listenTimeoutMs > 0) wheel.arm(this, action.params.timer, clock.now() + listenTimeoutMs);
          break;
        case 'disarm':
          wheel.cancel(this, action.params.timer);
          break;
        case 'reportQuiet':
          onQuiet();
          break;
        case 'close':
          onClose();
          break;
      }
    }
    onStep?.(this, from, target, type);
    for (const watcher of this.#watchers) watcher(target.snapshot);
    return true;
  }
}
