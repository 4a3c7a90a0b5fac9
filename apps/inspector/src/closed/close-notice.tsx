import { explainReason } from '../connections/close-reasons.ts';

/** Why it closed: the reason's name, as it stands in logs and metrics, and what it means. */
export function CloseNotice({ reason }: { readonly reason: string }) {
  const { text, tone } = explainReason(reason);
  return (
    <p className="close-notice" data-tone={tone} role="status">
      <span>Closed:</span> <b>{reason}</b> {text}
    </p>
  );
}
