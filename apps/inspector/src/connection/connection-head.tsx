import type { ReactNode } from 'react';

interface ConnectionHeadProps {
  readonly id: number;
  readonly back: 'connections' | 'closed';
  readonly facts: readonly string[];
  readonly children: ReactNode;
}

export function ConnectionHead({ id, back, facts, children }: ConnectionHeadProps) {
  return (
    <header className="connection-head">
      <a className="back" href={`#/${back}`}>
        ← {back === 'closed' ? 'Closed' : 'Connections'}
      </a>
      <h1>#{id}</h1>
      {facts.map((fact) => (
        <span className="head-fact" key={fact}>
          {fact}
        </span>
      ))}
      {children}
    </header>
  );
}
