import { reachability } from '../state/reachability.ts';
import { useStore } from '../state/use-store.tsx';

const words = { unknown: 'connecting', reached: 'live', lost: 'lost', signedOut: 'signed out' } as const;

/** Whether what is shown is the present. */
export function Pulse() {
  const { state } = useStore(reachability);
  return (
    <span className="pulse" data-state={state} role="status">
      {words[state]}
    </span>
  );
}
