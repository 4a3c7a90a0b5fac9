// Which actors a watcher sees. All that is given must hold; nothing given is all actors.

import type { ActorDirectory, InspectedActor, InspectedState } from './actor.ts';
import { stateFacts } from './state-facts.ts';

export interface Selection {
  /** These and no others. */
  readonly actors?: Iterable<InspectedActor>;
  /** This part of all actors, 0 to 1. An actor belongs to it for its whole life, and to each larger part too. */
  readonly share?: number;
  /** Steps into, inside and out of a state: `established`, `established.outbound.choked`, or a label as lists show it. */
  readonly state?: string;
  /** Address of the peer, without the port. */
  readonly peer?: string;
  readonly protocol?: string;
  /** A topic or pattern it is subscribed to, as it stands. */
  readonly topic?: string;
  readonly tag?: string;
}

export class Selector {
  /** Those chosen one by one that have not ended; `null` when it is not by choice. */
  readonly chosen: Set<InspectedActor> | null;
  readonly #selection: Selection;
  readonly #directory: ActorDirectory;
  readonly #asksFacts: boolean;

  constructor(selection: Selection, directory: ActorDirectory) {
    const { actors, share, peer, protocol, topic, tag } = selection;
    if (share !== undefined && !(share >= 0 && share <= 1)) throw new RangeError(`a share of ${share} is not between 0 and 1`);
    this.chosen = actors === undefined ? null : new Set(actors);
    this.#selection = selection;
    this.#directory = directory;
    this.#asksFacts = peer !== undefined || protocol !== undefined || topic !== undefined || tag !== undefined;
  }

  /** Whether a step of that actor is seen. The cheapest questions come first. */
  matches(actor: InspectedActor, from: InspectedState, to: InspectedState): boolean {
    if (this.chosen !== null && !this.chosen.has(actor)) return false;
    const { share, state } = this.#selection;
    if (state !== undefined && !isIn(to, state) && !isIn(from, state)) return false;
    if (share !== undefined && placeOf(actor.sessionId) >= share) return false;
    return !this.#asksFacts || this.#factsMatch(actor);
  }

  #factsMatch(actor: InspectedActor): boolean {
    const { peer, protocol, topic, tag } = this.#selection;
    const facts = this.#directory.factsOf(actor);
    if (peer !== undefined && facts.peer !== peer) return false;
    if (protocol !== undefined && facts.protocol !== protocol) return false;
    if (topic !== undefined && !facts.topics.includes(topic)) return false;
    return tag === undefined || facts.tags.includes(tag);
  }
}

function isIn(state: InspectedState, name: string): boolean {
  return state.label === name || stateFacts(state.snapshot).paths.includes(name);
}

/** Where an actor stands between 0 and 1: always the same, and evenly spread (FNV-1a, then murmur3's finaliser). */
function placeOf(sessionId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sessionId.length; i++) hash = Math.imul(hash ^ sessionId.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
