// The supervision tree's nodes, from a list that names parents to branches that hold children.

import type { TreeNode } from '../api/documents.ts';

export interface Branch {
  readonly node: TreeNode;
  readonly children: readonly Branch[];
}

/** Roots are those whose parent is not in the list; a circle is nobody's child, and left out. */
export function branchesOf(nodes: readonly TreeNode[]): Branch[] {
  const ids = new Set(nodes.map(({ sessionId }) => sessionId));
  const below = (parentId: string): Branch[] => nodes.filter((node) => node.parentId === parentId).map((node) => ({ node, children: below(node.sessionId) }));
  return nodes.filter(({ parentId }) => parentId === null || !ids.has(parentId)).map((node) => ({ node, children: below(node.sessionId) }));
}
