// Which subscription lists a topic reaches.
//
// Patterns without wildcards sit in a map by name; patterns with wildcards in a trie of their tokens. Matching costs one look into the map
// and a walk through those nodes of the trie that agree with the topic, so patterns that have nothing to do with it cost nothing.
// What was found is remembered on the topic's log (at most one answer per topic kept) until a pattern comes or goes that could change it:
// an exact pattern concerns one topic, a wildcard makes a new generation of answers.

import type { SubscriptionList } from './subscription-list.ts';

class Node {
  children: Map<string, Node> | null = null;
  /** The branch of `*`. */
  star: Node | null = null;
  /** Patterns that end here. */
  list: SubscriptionList | null = null;
  /** Patterns that end with `>` below here. */
  tail: SubscriptionList | null = null;

  get isEmpty(): boolean {
    return this.list === null && this.tail === null && this.star === null && this.children === null;
  }
}

/** What remembers an answer: the topic's log. */
export interface MatchMemory {
  matches: readonly SubscriptionList[] | null;
  matchGeneration: number;
}

export class PatternIndex {
  readonly #byPattern = new Map<string, SubscriptionList>();
  readonly #root = new Node();
  #generation = 0;
  /** How often a topic was matched afresh, and how many nodes and map look-ups that took. */
  walks = 0;
  steps = 0;

  /** Patterns that have subscriptions. */
  get size(): number {
    return this.#byPattern.size;
  }

  get(pattern: string): SubscriptionList | undefined {
    return this.#byPattern.get(pattern);
  }

  /** Adds a list whose pattern is not in the index. */
  add(list: SubscriptionList): void {
    this.#byPattern.set(list.pattern, list);
    if (!list.isWildcard) return;
    this.#generation++;
    let node = this.#root;
    for (const token of list.tokens) {
      if (token === '>') {
        node.tail = list;
        return;
      }
      node = token === '*' ? (node.star ??= new Node()) : childOf(node, token);
    }
    node.list = list;
  }

  remove(list: SubscriptionList): void {
    this.#byPattern.delete(list.pattern);
    if (!list.isWildcard) return;
    this.#generation++;
    prune(this.#root, list.tokens, 0);
  }

  /** The lists a topic reaches: from the memory when it still holds, else matched afresh and remembered there. */
  matchesOf(topic: string, tokens: readonly string[], memory: MatchMemory): readonly SubscriptionList[] {
    if (memory.matches !== null && memory.matchGeneration === this.#generation) return memory.matches;
    const matches = this.match(topic, tokens);
    memory.matches = matches;
    memory.matchGeneration = this.#generation;
    return matches;
  }

  match(topic: string, tokens: readonly string[]): readonly SubscriptionList[] {
    this.walks++;
    this.steps++;
    const found: SubscriptionList[] = [];
    const exact = this.#byPattern.get(topic);
    if (exact !== undefined) found.push(exact);
    this.#walk(this.#root, tokens, 0, found);
    return found;
  }

  #walk(node: Node, tokens: readonly string[], depth: number, found: SubscriptionList[]): void {
    this.steps++;
    if (depth === tokens.length) {
      if (node.list !== null) found.push(node.list);
      return;
    }
    if (node.tail !== null) found.push(node.tail);
    const child = node.children?.get(tokens[depth]);
    if (child !== undefined) this.#walk(child, tokens, depth + 1, found);
    if (node.star !== null) this.#walk(node.star, tokens, depth + 1, found);
  }
}

function childOf(node: Node, token: string): Node {
  node.children ??= new Map();
  let child = node.children.get(token);
  if (child === undefined) {
    child = new Node();
    node.children.set(token, child);
  }
  return child;
}

/** Takes the pattern out below a node, and with it the branches that have become empty. */
function prune(node: Node, tokens: readonly string[], depth: number): void {
  const token = tokens[depth];
  if (token === undefined) {
    node.list = null;
  } else if (token === '>') {
    node.tail = null;
  } else if (token === '*') {
    if (node.star === null) return;
    prune(node.star, tokens, depth + 1);
    if (node.star.isEmpty) node.star = null;
  } else {
    const child = node.children?.get(token);
    if (child === undefined) return;
    prune(child, tokens, depth + 1);
    if (!child.isEmpty) return;
    node.children?.delete(token);
    if (node.children?.size === 0) node.children = null;
  }
}
