// Inspection as part of a gateway: who is observed, recorded and watched, and where requests about that go.

import { connectionMachine, listenerMachine } from '@sluice/connection';
import type { Pool } from '@sluice/brigade';
import { FlightRecorder, Inspection } from '@sluice/inspection';
import { EventLoop, type ConnectionRegistry } from '@sluice/supervision';
import * as Effect from 'effect/Effect';
import type * as Scope from 'effect/Scope';
import type { TrafficCounters } from '../admin/traffic.ts';
import { isLoopback, parseAddress, type GatewayConfig } from '../config/index.ts';
import type { TokenCheck } from '../http/auth.ts';
import { OriginPolicy } from '../http/origin.ts';
import type { Log } from '../log/log.ts';
import type { SocketUpgrades } from '../sockets/upgrades.ts';
import { InspectionAccess } from './access.ts';
import { GatewayActors } from './actors.ts';
import { ByteRates } from './byte-rates.ts';
import { ChartDrawings } from './chart-drawings.ts';
import { layOut } from './chart-layout.ts';
import { DrainAll } from './drain-all.ts';
import { InspectionRoutes } from './inspection-routes.ts';
import { ObservedIntake } from './observed-intake.ts';
import { InspectorPage, pageDirectory } from './page.ts';
import { SignIns } from './sign-ins.ts';
import { sampleIntervalMs, Totals } from './totals.ts';

export interface GatewayInspectionOptions {
  readonly config: GatewayConfig;
  readonly registry: ConnectionRegistry;
  readonly traffic: TrafficCounters;
  readonly upgrades: SocketUpgrades;
  readonly tokens: TokenCheck;
  readonly pool: Pool;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

export interface GatewayInspection {
  readonly routes: InspectionRoutes;
  readonly actors: GatewayActors;
  readonly signIns: SignIns;
  /** For one listener, or for sockets accepted elsewhere. */
  observe(): ObservedIntake;
}

/** Until the scope closes, one sample a second is taken. */
export const makeGatewayInspection = Effect.fnUntraced(function* (
  options: GatewayInspectionOptions,
): Effect.fn.Return<GatewayInspection, never, EventLoop | Scope.Scope> {
  const { config, registry, traffic, upgrades, tokens, pool, log, wallClock } = options;
  const loop = yield* EventLoop;
  const { clock } = loop;
  const { maxRecordedSteps, maxRecordedConnections, maxWatchers } = config.inspection;
  const actors = new GatewayActors(registry);
  const inspection = new Inspection({ root: actors.root, directory: actors, epochMs: wallClock, maxFollowers: maxWatchers });
  const recorder = new FlightRecorder({ machine: connectionMachine, stepsKept: maxRecordedSteps, endedKept: maxRecordedConnections });
  const listenerRecorder = new FlightRecorder({ machine: listenerMachine, stepsKept: maxRecordedSteps, endedKept: 0 });
  const rates = new ByteRates(registry);
  const signIns = new SignIns();
  const isLocal = config.admin !== 'off' && isLoopback(parseAddress(config.admin).host);
  const access = new InspectionAccess({ tokens, signIns, origins: new OriginPolicy([]), isLoopback: isLocal, now: () => clock.now() });
  const totals = yield* Effect.acquireRelease(
    Effect.sync(() => new Totals({ registry, traffic, wallClock })),
    (totals) => Effect.sync(() => totals.close()),
  );
  const drainAll = yield* Effect.acquireRelease(
    Effect.sync(() => new DrainAll(registry, loop, config.drain.connectionsPerSecond)),
    (drainAll) => Effect.sync(() => drainAll.close()),
  );
  const page = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const onFailure = (path: string, error: unknown): void => log.error('a file could not be served', { path, error: String(error) });
      return new InspectorPage({ directory: pageDirectory, pool, clock, wallClock, onFailure });
    }),
    (page) => Effect.sync(() => page.close()),
  );
  const sampling = (): void => {
    totals.tick();
    rates.sweep(clock.now());
    page.sweep();
  };
  yield* Effect.acquireRelease(
    Effect.sync(() => loop.every(sampleIntervalMs, sampling)),
    (stop) => Effect.sync(stop),
  );
  const drawings = new ChartDrawings(layOut);
  const observing = { actors, inspection, recorder, listenerRecorder, clock };
  const routes = new InspectionRoutes({ ...observing, settings: config.inspection, registry, access, signIns, tokens, rates, totals, drawings, drainAll, page, upgrades, loop, log, wallClock });
  return { routes, actors, signIns, observe: () => new ObservedIntake(observing) };
});
