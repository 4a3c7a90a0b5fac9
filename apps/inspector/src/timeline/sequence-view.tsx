// What was said between the peer, the connection and the gateway, newest last; a step that is chosen is where the timeline stands.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { sequenceOf } from './sequence.ts';
import { SequenceLine } from './sequence-line.tsx';
import type { Timeline } from './timeline.ts';

interface SequenceViewProps {
  readonly timeline: Timeline;
  readonly position: number;
  readonly onMove: (position: number) => void;
}

const rowHeight = 28;

export function SequenceView({ timeline, position, onMove }: SequenceViewProps) {
  const rows = useMemo(() => sequenceOf(timeline), [timeline]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  useEffect(() => {
    const index = rows.findLastIndex((row) => row.position === position);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
    else if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [rows, position, virtual]);
  return (
    <div className="sequence">
      <div className="lanes" aria-hidden="true">
        <span>time</span>
        <span>peer</span>
        <span>connection</span>
        <span>session, hub</span>
      </div>
      {/* A region that scrolls has to be reachable with the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="sequence-rows" ref={scroller} role="group" aria-label="Messages, oldest first" tabIndex={0}>
        <ol style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index];
            const isFirst = rows[index - 1]?.position !== row?.position;
            return row === undefined ? null : (
              <SequenceLine key={key} row={row} top={start} isFirst={isFirst} isCurrent={row.position === position} isAhead={row.position > position} onMove={onMove} />
            );
          })}
        </ol>
        {rows.length === 0 ? <p className="sequence-empty">No step yet.</p> : null}
      </div>
    </div>
  );
}
