import { formatTime } from '../format/duration.ts';
import { reachability } from '../state/reachability.ts';
import { useStore } from '../state/use-store.tsx';

/** What is on screen is the past: since when, and that it will come back by itself. */
export function LostNotice() {
  const { state, lostSinceMs } = useStore(reachability);
  if (state !== 'lost' || lostSinceMs === null) return null;
  return (
    <p className="lost-notice" role="alert">
      The gateway does not answer. What you see is from {formatTime(lostSinceMs)}; trying again.
    </p>
  );
}
