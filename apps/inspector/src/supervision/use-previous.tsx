import { useEffect, useState } from 'react';

/** The states of the same actor before the ones it is in now; those do not count as others while they are equal. */
export function usePrevious(sessionId: string, states: readonly string[]): readonly string[] {
  const key = states.join(' ');
  const [past, setPast] = useState({ sessionId, now: key, before: '' });
  useEffect(() => {
    setPast((known) => (known.sessionId === sessionId ? (known.now === key ? known : { sessionId, now: key, before: known.now }) : { sessionId, now: key, before: '' }));
  }, [sessionId, key]);
  return past.before === '' ? [] : past.before.split(' ');
}
