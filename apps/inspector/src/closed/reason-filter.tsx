import { ToggleButton } from 'react-aria-components';
import { explainReason } from '../connections/close-reasons.ts';
import { formatCount } from '../format/count.ts';

interface ReasonFilterProps {
  readonly reasons: Readonly<Record<string, number>>;
  /** Empty: all. */
  readonly chosen: string;
  readonly onChoose: (reason: string) => void;
}

/** Each reason there is with how often; one can be chosen. */
export function ReasonFilter({ reasons, chosen, onChoose }: ReasonFilterProps) {
  const sorted = Object.entries(reasons).toSorted(([, one], [, other]) => other - one);
  return (
    <div className="reasons" role="group" aria-label="Reason">
      {sorted.map(([reason, count]) => (
        <ToggleButton key={reason} className="reason" data-tone={explainReason(reason).tone} isSelected={reason === chosen} onChange={(isChosen) => onChoose(isChosen ? reason : '')}>
          {reason} <b>{formatCount(count)}</b>
        </ToggleButton>
      ))}
    </div>
  );
}
