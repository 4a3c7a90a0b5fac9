import { Button, Collection, Tree, TreeItem, TreeItemContent } from 'react-aria-components';
import type { TreeNode } from '../api/documents.ts';
import { formatCount } from '../format/count.ts';
import { Badge } from '../ui/badge.tsx';
import { nodeTone } from './node-tone.ts';
import type { Branch } from './tree-order.ts';

interface TreeViewProps {
  readonly branches: readonly Branch[];
  readonly chosen: string;
  readonly onChoose: (sessionId: string) => void;
}

export function TreeView({ branches, chosen, onChoose }: TreeViewProps) {
  return (
    <Tree
      className="tree"
      aria-label="Supervision tree"
      items={branches}
      defaultExpandedKeys={branches.map(({ node }) => node.sessionId)}
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={[chosen]}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : keys;
        if (key !== undefined) onChoose(String(key));
      }}
    >
      {(branch) => <TreeBranch branch={branch} />}
    </Tree>
  );
}

function TreeBranch({ branch: { node, children } }: { readonly branch: Branch }) {
  return (
    <TreeItem id={node.sessionId} textValue={`${node.kind} ${node.label}`} className="tree-item">
      <TreeItemContent>
        {({ hasChildItems }) => (
          <>
            {hasChildItems ? <Button slot="chevron" className="tree-chevron" aria-label="Open or close" /> : <span className="tree-chevron none" />}
            <NodeLine node={node} />
          </>
        )}
      </TreeItemContent>
      <Collection items={children.map((child) => ({ ...child, id: child.node.sessionId }))}>{(child) => <TreeBranch branch={child} />}</Collection>
    </TreeItem>
  );
}

function NodeLine({ node }: { readonly node: TreeNode }) {
  return (
    <span className="node-line">
      <span className="node-kind">{node.kind}</span>
      <span className="node-label">{node.label === node.kind ? '' : node.label}</span>
      <Badge tone={nodeTone(node.state)}>{node.state ?? 'running'}</Badge>
      {node.connections === null ? null : <span className="node-count">{formatCount(node.connections)} open</span>}
      {node.restarts === 0 ? null : <span className="node-restarts">{node.restarts === 1 ? '1 restart' : `${formatCount(node.restarts)} restarts`}</span>}
    </span>
  );
}
