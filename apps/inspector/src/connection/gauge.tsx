import { Label, Meter } from 'react-aria-components';

interface GaugeProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  /** Where a full window counts as clear again. */
  readonly mark?: number;
  readonly text: string;
  readonly note: string;
}

export function Gauge({ label, value, most, mark, text, note }: GaugeProps) {
  const share = most === 0 ? 0 : Math.min(1, value / most);
  return (
    <div className="gauge">
      <Meter value={Math.min(value, most)} minValue={0} maxValue={Math.max(1, most)} valueLabel={text}>
        <div className="gauge-head">
          <Label>{label}</Label>
          <span>{text}</span>
        </div>
        <div className="gauge-bar">
          <div className="gauge-fill" data-full={share >= 0.98 || undefined} style={{ width: `${share * 100}%` }} />
          {mark === undefined || most === 0 ? null : <div className="gauge-mark" style={{ left: `${(mark / most) * 100}%` }} />}
        </div>
      </Meter>
      <p className="gauge-note">{note}</p>
    </div>
  );
}
