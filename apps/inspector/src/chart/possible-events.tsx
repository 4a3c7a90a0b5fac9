import { Panel } from '../ui/panel.tsx';

interface PossibleEventsProps {
  readonly title: string;
  readonly events: readonly string[];
  /** An event is pointed at, or none is any more: its arrow lights up. */
  readonly onHint: (event: string | null) => void;
}

export function PossibleEvents({ title, events, onHint }: PossibleEventsProps) {
  return (
    <Panel title={title} className="possible">
      {events.length === 0 ? <p className="soft">None: this state is final.</p> : null}
      <ul>
        {events.map((event) => (
          <li key={event}>
            <button type="button" className="event" onPointerEnter={() => onHint(event)} onPointerLeave={() => onHint(null)} onFocus={() => onHint(event)} onBlur={() => onHint(null)}>
              {event}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
