import type { TreeNode } from '../api/documents.ts';
import { ChartView } from '../chart/chart-view.tsx';
import { formatCount } from '../format/count.ts';
import { Facts } from '../ui/facts.tsx';
import { Panel } from '../ui/panel.tsx';

/** One part of the gateway, with its chart if it has one. */
export function NodeView({ node }: { readonly node: TreeNode }) {
  const { sessionId, machine, activeStates, state } = node;
  return (
    <Panel title={node.label} className="node-panel" aside={<code className="state-now">{state ?? 'running'}</code>}>
      <Facts
        facts={[
          ['Kind', node.kind],
          ['Session', sessionId],
          ['Restarts', formatCount(node.restarts)],
          ['Connections', node.connections === null ? null : formatCount(node.connections)],
        ]}
      />
      {machine === null ? (
        <p className="soft">It has no chart: it runs as long as the gateway does.</p>
      ) : (
        <ChartView key={machine} chart={machine} active={activeStates} summary={`In ${state ?? 'an unknown state'}`} />
      )}
    </Panel>
  );
}
