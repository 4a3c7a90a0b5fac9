import { formatOffset } from '../format/duration.ts';
import type { Lane, SequenceRow } from './sequence.ts';

interface SequenceLineProps {
  readonly row: SequenceRow;
  readonly top: number;
  /** Of its step. */
  readonly isFirst: boolean;
  readonly isCurrent: boolean;
  readonly isAhead: boolean;
  readonly onMove: (position: number) => void;
}

const names: Readonly<Record<Lane, string>> = { peer: 'peer', connection: 'connection', gateway: 'session' };

export function SequenceLine({ row, top, isFirst, isCurrent, isAhead, onMove }: SequenceLineProps) {
  const { from, to, text, kind, position, atMs, event } = row;
  const way = from === to ? 'self' : `${from}-${to}`;
  const who = from === to ? names[from] : `${names[from]} to ${names[to]}`;
  return (
    <li className="sequence-line" style={{ transform: `translateY(${top}px)` }} data-current={isCurrent || undefined} data-ahead={isAhead || undefined}>
      <button type="button" tabIndex={-1} aria-current={isCurrent ? 'step' : undefined} onClick={() => onMove(position)}>
        <span className="sequence-time">{isFirst ? formatOffset(atMs) : ''}</span>
        <span className="visually-hidden">{` ${isFirst && event !== null ? `${event}, ` : ''}${who}: `}</span>
        <span className="sequence-arrow" data-way={way} data-kind={kind}>
          <span className="sequence-text" title={event ?? undefined}>
            {text}
          </span>
        </span>
      </button>
    </li>
  );
}
