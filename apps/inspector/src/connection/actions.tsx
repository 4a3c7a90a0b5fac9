// What an operator may do to a connection. Each is asked for twice, and the gateway logs it.

import { apiPath, postJson } from '../api/client.ts';
import type { ConnectionAction, ConnectionActionName, ConnectionDetail } from '../api/documents.ts';
import { Confirmed } from '../ui/confirmed.tsx';
import { ThrottleAction } from './throttle-action.tsx';

const all: readonly ConnectionActionName[] = ['quench', 'resume', 'throttle', 'drain', 'abort'];

export function Actions({ detail }: { readonly detail: ConnectionDetail }) {
  const { id, actions = all } = detail;
  const act = (action: ConnectionAction): Promise<void> => postJson(apiPath(`connections/${id}/actions`), action);
  return (
    <>
      {actions.includes('quench') ? (
        <Confirmed label="Quench" title={`Quench #${id}?`} act={() => act({ action: 'quench' })}>
          The gateway stops reading from this peer at once, until it is resumed. What has arrived already waits.
        </Confirmed>
      ) : null}
      {actions.includes('resume') ? (
        <Confirmed label="Resume" title={`Resume #${id}?`} act={() => act({ action: 'resume' })}>
          The gateway reads from this peer again.
        </Confirmed>
      ) : null}
      {actions.includes('throttle') ? <ThrottleAction id={id} act={act} /> : null}
      {actions.includes('drain') ? (
        <Confirmed label="Drain" title={`Drain #${id}?`} act={() => act({ action: 'drain' })}>
          Nothing new is begun, what is in progress finishes, a goodbye is said, then it closes. The client may come back.
        </Confirmed>
      ) : null}
      {actions.includes('abort') ? (
        <Confirmed label="Abort" title={`Abort #${id}?`} isDangerous act={() => act({ action: 'abort' })}>
          It is closed at once, without a word. What is queued for the peer is lost.
        </Confirmed>
      ) : null}
    </>
  );
}
