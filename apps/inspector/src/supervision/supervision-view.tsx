import { useMemo } from 'react';
import { apiPath, postJson } from '../api/client.ts';
import type { Tree } from '../api/documents.ts';
import { usePoll } from '../api/use-poll.tsx';
import { go } from '../routing/use-route.tsx';
import { Confirmed } from '../ui/confirmed.tsx';
import { Panel } from '../ui/panel.tsx';
import { NodeView } from './node-view.tsx';
import { branchesOf } from './tree-order.ts';
import { TreeView } from './tree-view.tsx';

/** What runs the gateway, how often each part was restarted, and the chart of the one chosen. */
export function SupervisionView({ node }: { readonly node: string | null }) {
  const { document, refusal } = usePoll<Tree>(apiPath('tree'), 1000);
  const branches = useMemo(() => branchesOf(document?.nodes ?? []), [document]);
  const nodes = document?.nodes ?? [];
  const chosen = nodes.find(({ sessionId }) => sessionId === node) ?? nodes.find(({ machine }) => machine !== null) ?? nodes[0];
  return (
    <div className="view supervision-view">
      <header className="view-head">
        <h1>Supervision</h1>
        <p className="soft">What runs the gateway. A part that fails is started again by the one above it.</p>
        <div className="head-actions">
          <Confirmed label="Drain all" title="Drain all connections?" isDangerous act={() => postJson(apiPath('actions'), { action: 'drainAll' })}>
            Every connection finishes what is in progress, is told goodbye and closed, at the pace that is configured. Clients may come back.
          </Confirmed>
        </div>
      </header>
      {refusal === null ? null : <p className="note bad">{refusal.message}</p>}
      {chosen === undefined ? (
        <p className="soft waiting">Asking…</p>
      ) : (
        <div className="supervision">
          <Panel title="Tree" className="tree-panel">
            <TreeView branches={branches} chosen={chosen.sessionId} onChoose={(sessionId) => go({ view: 'supervision', node: sessionId })} />
          </Panel>
          <NodeView node={chosen} />
        </div>
      )}
    </div>
  );
}
