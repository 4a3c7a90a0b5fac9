// Opens the listeners of a gateway one after the other. Those that cannot be opened do not keep it from trying the others, so that a failed
// start can name all of them.

import type { SupervisedListener } from '@sluice/supervision';
import type { TransportError } from '@sluice/transport';
import * as Effect from 'effect/Effect';
import * as Result from 'effect/Result';
import { isConflict, type ListenerSetting } from './config/shared-ports.ts';
import { ListenersFailed, type ListenerPlace } from './listeners-failed.ts';

export class ListenerStart {
  readonly #opened: ListenerPlace[] = [];
  readonly #failed: (ListenerPlace & { readonly error: TransportError })[] = [];

  /** The listener; none where it could not be opened. */
  open<Services>(setting: ListenerSetting, address: string, listener: Effect.Effect<SupervisedListener, TransportError, Services>): Effect.Effect<SupervisedListener[], never, Services> {
    return Effect.map(Effect.result(listener), (opened) => {
      if (Result.isSuccess(opened)) {
        this.#opened.push({ setting, address });
        return [opened.success];
      }
      this.#failed.push({ setting, address, error: opened.failure });
      return [];
    });
  }

  /** Fails where one of them could not be opened. */
  get complete(): Effect.Effect<void, ListenersFailed> {
    return Effect.suspend(() => {
      if (this.#failed.length === 0) return Effect.void;
      return Effect.fail(new ListenersFailed(this.#failed.map((failure) => ({ ...failure, rival: this.#opened.find(({ address }) => isConflict(address, failure.address)) ?? null }))));
    });
  }
}
