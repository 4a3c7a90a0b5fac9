// Who is whose child: gateway → listener → connection, and what runs beside them. The tree that the inspector shows, and what
// @sluice/inspection is told of the place and the facts of whoever somebody watches.

import { Connection, Connector, connectionMachine, connectorMachine, listenerMachine, type ConnectionHost } from '@sluice/connection';
import { stateFacts, type ActorDirectory, type ActorFacts, type InspectedActor, type InspectedState } from '@sluice/inspection';
import { ListenerActor, type ConnectionRegistry, type Intake } from '@sluice/supervision';
import { clientOf } from '../client-address/request-client.ts';
import { addressText, subscribedOf } from './connection-facts.ts';

export type NodeKind = 'gateway' | 'listener' | 'hub' | 'admin' | 'connector' | 'worker';

export interface TreeNode {
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly kind: NodeKind;
  readonly label: string;
  /** The chart it runs; null for one without. */
  readonly machine: string | null;
  readonly state: string | null;
  /** Ids of the active states, as they stand in the chart's drawing. */
  readonly activeStates: readonly string[];
  /** How often it has come back after a failure. */
  readonly restarts: number;
  /** Open connections; null for what has none. */
  readonly connections: number | null;
}

/** An actor without a chart: it is there as long as the gateway is. */
export class PlainActor implements InspectedActor {
  readonly sessionId: string;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  getSnapshot(): { status: 'active'; output: undefined; error: undefined } {
    return { status: 'active', output: undefined, error: undefined };
  }
}

/** Something that connections come from. */
export interface Branch {
  readonly kind: 'listener' | 'admin';
  readonly label: string;
  readonly intake: Intake;
  /** Knows the listener, if there is one, and how often it came back. */
  readonly observer: { readonly listener: ListenerActor | null; readonly restarts: number };
}

const noFacts: ActorFacts = { peer: null, protocol: null, topics: [], tags: [] };

export class GatewayActors implements ActorDirectory {
  readonly root: InspectedActor = new PlainActor('gateway');
  readonly #hub = new PlainActor('hub');
  /** Sockets that the embedding program has accepted. */
  readonly #adopted = new PlainActor('adopted');
  readonly #registry: ConnectionRegistry;
  readonly #branches: Branch[] = [];
  /** A listener's connections share a host. */
  readonly #parents = new WeakMap<ConnectionHost, InspectedActor>();

  constructor(registry: ConnectionRegistry) {
    this.#registry = registry;
  }

  addBranch(branch: Branch): void {
    this.#branches.push(branch);
  }

  /** By its session id; null where there is none. */
  listener(sessionId: string): ListenerActor | null {
    return this.#branches.find(({ observer: { listener } }) => listener?.sessionId === sessionId)?.observer.listener ?? null;
  }

  /** The connections with this host are that actor's children. */
  setParent(host: ConnectionHost, parent: InspectedActor): void {
    this.#parents.set(host, parent);
  }

  parentOf(actor: InspectedActor): InspectedActor | null {
    if (actor === this.root) return null;
    return actor instanceof Connection ? (this.#parents.get(actor.host) ?? this.#adopted) : this.root;
  }

  machineOf(actor: InspectedActor): ReturnType<ActorDirectory['machineOf']> {
    if (actor instanceof Connection) return connectionMachine;
    if (actor instanceof ListenerActor) return listenerMachine;
    return actor instanceof Connector ? connectorMachine : null;
  }

  factsOf(actor: InspectedActor): ActorFacts {
    if (!(actor instanceof Connection)) return noFacts;
    const { topics, tags } = subscribedOf(actor);
    return { peer: clientOf(actor).host, protocol: actor.session.protocol, topics, tags };
  }

  tree(): TreeNode[] {
    const { root } = this;
    const plain = (actor: InspectedActor, kind: NodeKind, label: string, connections: number | null, restarts = 0): TreeNode => ({
      sessionId: actor.sessionId,
      parentId: actor === root ? null : root.sessionId,
      kind,
      label,
      machine: null,
      state: null,
      activeStates: [],
      restarts,
      connections,
    });
    const charted = (actor: InspectedActor & { readonly state: InspectedState }, kind: NodeKind, label: string, restarts: number, connections: number): TreeNode => ({
      ...plain(actor, kind, label, connections, restarts),
      machine: this.machineOf(actor)?.id ?? null,
      state: actor.state.label,
      activeStates: stateFacts(actor.state.snapshot).stateIds,
    });
    const branches = this.#branches.map(({ kind, label, intake, observer: { listener, restarts } }) =>
      listener === null ? plain(this.#adopted, kind, label, intake.connections) : charted(listener, kind, label, restarts, intake.connections),
    );
    const connectors = [...this.#registry.connecting()].flatMap((each) =>
      each instanceof Connector
        ? [charted(each, 'connector', addressText(each.target), each.failedRounds, each.connection === null ? 0 : 1)]
        : [],
    );
    return [plain(root, 'gateway', 'gateway', this.#registry.size), plain(this.#hub, 'hub', 'hub', null), ...branches, ...connectors];
  }
}
