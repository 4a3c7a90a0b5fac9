import { describe, expect, it } from 'vitest';
import { ChartActor } from '../src/chart-actor.ts';
import type { ChartState, ConnectionAction, ConnectionEventType, Step } from '../src/index.ts';

/** Notes what it is asked for, and sends events of its own from inside. */
class NotingActor extends ChartActor {
  readonly log: string[] = [];
  inside: Partial<Record<ConnectionAction['type'], ConnectionEventType>> = {};

  start(): void {
    this.begin();
  }

  end(): void {
    this.released = true;
  }

  protected override enter(first: Step): void {
    this.#perform(first);
  }

  protected override carryOut(step: Step, from: ChartState, type: ConnectionEventType): void {
    this.log.push(`${type}: ${from.phase} → ${step.target.phase}`);
    this.#perform(step);
  }

  protected override onLookerFailed(error: unknown): void {
    this.log.push(String(error));
  }

  protected override afterStep(): void {
    this.log.push('told');
  }

  #perform({ actions }: Step): void {
    for (const { type } of actions) {
      const event = this.inside[type];
      if (event !== undefined) this.send(event);
    }
  }
}

describe('an actor of the chart', () => {
  it('handles what an action sends after the action’s step, in order', () => {
    const actor = new NotingActor();
    actor.start();
    actor.inside = { goodbye: 'FLUSHED', shutdown: 'INBOUND.END' };
    actor.send('DRAIN');
    expect(actor.log).toEqual([
      'DRAIN: handshake → draining',
      'told',
      'FLUSHED: draining → draining',
      'told',
      'INBOUND.END: draining → closed',
      'told',
    ]);
  });

  it('handles what the first step’s actions send, too', () => {
    const actor = new NotingActor();
    actor.inside = { arm: 'HANDSHAKE.DONE' };
    actor.start();
    expect(actor.state.phase).toBe('established');
  });

  it('takes no event that the chart does not know in its state, and none once it is released', () => {
    const actor = new NotingActor();
    actor.start();
    actor.send('OUTBOUND.CLEAR');
    expect(actor.log).toEqual([]);
    actor.end();
    actor.send('ABORT');
    expect(actor.log).toEqual([]);
    expect(actor.getSnapshot().value).toBe('handshake');
  });

  it('tells each subscriber every snapshot until it leaves', () => {
    const actor = new NotingActor();
    actor.start();
    const seen: unknown[] = [];
    const { unsubscribe } = actor.subscribe((snapshot) => void seen.push(snapshot.value));
    actor.send('HANDSHAKE.DONE');
    unsubscribe();
    actor.send('ABORT');
    expect(seen).toEqual([{ established: { inbound: 'flowing', outbound: 'clear' } }]);
    expect(actor.sessionId).toBe(`connection:${actor.id}`);
  });

  it('loses nothing by a subscriber that throws', () => {
    const actor = new NotingActor();
    actor.start();
    const seen: unknown[] = [];
    actor.subscribe(() => {
      throw new Error('it looked too long');
    });
    actor.subscribe((snapshot) => void seen.push(snapshot.value));
    actor.send('DRAIN');
    actor.send('ABORT');
    expect(seen).toEqual([{ draining: 'finishing' }, 'closed']);
    expect(actor.log).toEqual([
      'DRAIN: handshake → draining',
      'Error: it looked too long',
      'told',
      'ABORT: draining → closed',
      'Error: it looked too long',
      'told',
    ]);
  });
});
