import { apiPath } from '../api/client.ts';
import type { ConnectionDetail } from '../api/documents.ts';
import { usePoll } from '../api/use-poll.tsx';
import { ClosedConnectionView } from '../closed/closed-connection-view.tsx';
import { LiveConnection } from './live-connection.tsx';

/** One connection by its number, open or not. */
export function ConnectionView({ id }: { readonly id: number }) {
  const { document: detail, refusal } = usePoll<ConnectionDetail>(apiPath(`connections/${id}`), 1000);
  if (detail !== null) return <LiveConnection detail={detail} isGone={refusal?.status === 404} />;
  if (refusal?.status === 404) return <ClosedConnectionView id={id} />;
  return (
    <div className="view">
      <h1 className="visually-hidden">Connection {id}</h1>
      <p className="soft waiting">{refusal === null ? `Asking for connection ${id}…` : refusal.message}</p>
    </div>
  );
}
