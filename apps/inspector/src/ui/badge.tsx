import type { Tone } from '../connections/state-label.ts';

/** A word with a dot in the colour of how things stand; the colour says nothing that the word does not. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}
