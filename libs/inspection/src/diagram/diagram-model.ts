// A state machine as plain lists of states and transitions, in document order: what diagrams and tables are made from, on pages, in the
// terminal and in the documentation alike.

/** The part of XState's state nodes that is looked at. */
export interface MachineNode {
  readonly id: string;
  readonly key: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly states: Readonly<Record<string, MachineNode>>;
  readonly initial: { readonly target: readonly { readonly path: readonly string[] }[] | undefined };
  readonly transitions: ReadonlyMap<string, readonly MachineTransition[]>;
}

interface MachineTransition {
  readonly target: readonly { readonly path: readonly string[] }[] | undefined;
  readonly actions: readonly unknown[];
  readonly guard?: unknown;
}

/** One action: its name, and what it is done with (`handshake` of `arm handshake`). */
export interface DiagramAction {
  readonly name: string;
  readonly argument: string | null;
}

export interface DiagramTransition {
  readonly event: string;
  /** Path of the target; `null` where only actions run. */
  readonly target: string | null;
  /** The name of what has to hold for it, `null` where nothing has to. */
  readonly guard: string | null;
  readonly actions: readonly DiagramAction[];
}

export interface DiagramState {
  /** XState's id of it, as snapshots and inspectors name it: `connection.established.inbound.flowing`. */
  readonly id: string;
  /** `established.inbound.flowing`; empty for the machine itself. */
  readonly path: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final';
  readonly description: string;
  readonly tags: readonly string[];
  readonly entry: readonly DiagramAction[];
  readonly exit: readonly DiagramAction[];
  /** Path of the child a compound state begins in. */
  readonly initial: string | null;
  readonly transitions: readonly DiagramTransition[];
  readonly children: readonly DiagramState[];
}

/** Reads a machine's root node. */
export function readDiagram(node: MachineNode): DiagramState {
  const { type } = node;
  if (type !== 'atomic' && type !== 'compound' && type !== 'parallel' && type !== 'final') {
    throw new Error(`${node.path.join('.')}: a state of type ${type} is not drawn`);
  }
  return {
    id: node.id,
    path: node.path.join('.'),
    key: node.key,
    type,
    description: node.description ?? '',
    tags: node.tags,
    entry: node.entry.map(readAction),
    exit: node.exit.map(readAction),
    initial: type === 'compound' ? (node.initial.target?.[0]?.path.join('.') ?? null) : null,
    transitions: [...node.transitions].flatMap(([event, transitions]) =>
      transitions.map(({ target, actions, guard }) => ({
        event,
        target: target?.[0]?.path.join('.') ?? null,
        guard: guard === undefined ? null : readGuard(guard),
        actions: actions.map(readAction),
      })),
    ),
    children: Object.values(node.states).map(readDiagram),
  };
}

/** The state and all below it, in document order. */
export function allStates(state: DiagramState): DiagramState[] {
  return [state, ...state.children.flatMap(allStates)];
}

export function describeAction({ name, argument }: DiagramAction): string {
  return argument === null ? name : `${name} ${argument}`;
}

/** XState gives an action as its name, or as an object with the name and parameters; ours have at most one parameter. */
function readAction(action: unknown): DiagramAction {
  if (typeof action === 'string') return { name: action, argument: null };
  const { type, params } = action as { type: string; params?: Readonly<Record<string, unknown>> };
  const [argument] = Object.values(params ?? {});
  return { name: type, argument: argument === undefined ? null : String(argument) };
}

/** A guard is given as its name, as an object with the name, or as a function. */
function readGuard(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const { type, name } = guard as { type?: string; name?: string };
  return type ?? (name === undefined || name === '' ? 'a function' : name);
}
