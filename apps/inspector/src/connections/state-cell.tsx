import { Badge } from '../ui/badge.tsx';
import { summariseState } from './state-label.ts';

/** The phase, and what is not as usual in it. */
export function StateCell({ label }: { readonly label: string }) {
  const { phase, remarks, tone } = summariseState(label);
  return (
    <>
      <Badge tone={tone}>{phase}</Badge>
      {remarks.length === 0 ? null : <span className="remarks">{remarks.join(' · ')}</span>}
    </>
  );
}
