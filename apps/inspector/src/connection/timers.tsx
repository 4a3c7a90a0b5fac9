// Armed deadlines, the next first. Between two answers of the gateway the time left is counted down here.

import { useEffect, useRef, useState } from 'react';
import { formatDuration } from '../format/duration.ts';
import { Panel } from '../ui/panel.tsx';

interface Timer {
  readonly name: string;
  readonly leftMs: number;
}

export function Timers({ timers }: { readonly timers: readonly Timer[] }) {
  const told = useRef({ timers, atMs: performance.now() });
  if (told.current.timers !== timers) told.current = { timers, atMs: performance.now() };
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(performance.now()), 200);
    return () => clearInterval(ticking);
  }, []);
  const passedMs = Math.max(0, now - told.current.atMs);
  return (
    <Panel title="Armed deadlines" className="timers">
      {timers.length === 0 ? <p className="soft">None.</p> : null}
      <ul>
        {timers.map(({ name, leftMs }) => (
          <li key={name}>
            <span>{name}</span>
            <b data-soon={leftMs - passedMs < 5000 || undefined}>{formatDuration(leftMs - passedMs)}</b>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
