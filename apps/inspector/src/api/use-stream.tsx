// An event stream that lives as long as its view. Listeners may change from one rendering to the next; the stream stays.

import { useEffect, useRef, useState } from 'react';
import { getJson, apiPath } from './client.ts';
import { EventStream, type StreamStatus } from './event-stream.ts';

type Listeners = Readonly<Record<string, (data: unknown) => void>>;

/** `null` opens none. A stream that is lost cannot say why, so something small is asked for, which can. */
export function useStream(url: string | null, listeners: Listeners, onOpen?: () => void): StreamStatus {
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const latest = useRef({ listeners, onOpen });
  useEffect(() => {
    latest.current = { listeners, onOpen };
  });
  useEffect(() => {
    if (url === null) return;
    const names = Object.keys(latest.current.listeners);
    const stream = new EventStream({
      url,
      on: Object.fromEntries(names.map((name) => [name, (data: unknown) => latest.current.listeners[name]?.(data)])),
      onStatus(next) {
        setStatus(next);
        if (next === 'open') latest.current.onOpen?.();
        if (next === 'lost') getJson(apiPath('charts')).catch(() => {});
      },
    });
    return () => stream.close();
  }, [url]);
  return status;
}
