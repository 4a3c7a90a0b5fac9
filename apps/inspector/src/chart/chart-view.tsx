// A chart's drawing with the active states lit up and the arrow of the last step named. In a frame of its own: on a narrow screen it is
// larger than the page, and the active states are scrolled into view.

import { useEffect, useMemo, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { useMedia } from '../ui/use-media.tsx';
import { nameEvent } from './event-name.tsx';
import { drawnArrows, mark } from './highlight.ts';
import { readSvg } from './safe-svg.ts';
import type { Arrow } from './transitions.ts';
import { useChart } from './use-chart.tsx';

interface ChartViewProps {
  readonly chart: string;
  readonly active: readonly string[];
  readonly before?: readonly string[];
  readonly event?: string | null;
  readonly hinted?: string | null;
  /** What is lit up, in words. */
  readonly summary: string;
  readonly onArrows?: (arrows: readonly Arrow[]) => void;
}

const none: readonly string[] = [];

export function ChartView({ chart, active, before = none, event = null, hinted = null, summary, onArrows }: ChartViewProps) {
  const isNarrow = useMedia('(max-width: 719px)');
  const [labels, setLabels] = useState(false);
  const { chart: document, problem } = useChart(chart, { direction: isNarrow ? 'down' : 'right', labels });
  const frame = useRef<HTMLDivElement>(null);
  const svg = useMemo(() => (document === null || document.id !== chart ? null : readSvg(document.svg)), [document, chart]);

  useEffect(() => {
    if (svg === null || frame.current === null) return;
    svg.removeAttribute('role');
    svg.setAttribute('aria-hidden', 'true');
    svg.classList.add('chart-drawing');
    // A thick arrow has a head no larger than the others'.
    for (const marker of svg.querySelectorAll('marker')) marker.setAttribute('markerUnits', 'userSpaceOnUse');
    frame.current.replaceChildren(svg);
    onArrows?.(drawnArrows(svg.querySelectorAll<SVGElement>('[data-source]')));
  }, [svg, onArrows]);

  useEffect(() => {
    if (svg === null || frame.current === null) return;
    const states = svg.querySelectorAll<SVGElement>('[data-id]');
    const taken = mark(states, drawnArrows(svg.querySelectorAll<SVGElement>('[data-source]')), chart, { active, before, event, hinted });
    nameEvent(svg, [...new Set(taken.map(({ target }) => target))], event);
    showActive(frame.current, svg);
  }, [svg, chart, active, before, event, hinted]);

  return (
    <div className={labels ? 'chart with-labels' : 'chart'}>
      {/* A region that scrolls has to be reachable with the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="chart-frame" ref={frame} role="img" aria-label={`The chart ${chart}. ${summary}`} tabIndex={0} />
      {problem === null ? null : <p className="note bad">{problem}</p>}
      <Button className="button small quiet chart-labels" aria-pressed={labels} onPress={() => setLabels(!labels)}>
        Event names
      </Button>
    </div>
  );
}

/** Scrolls the frame, and nothing else, so that the innermost active states are in it. */
function showActive(frame: HTMLElement, svg: SVGSVGElement): void {
  const lit = [...svg.querySelectorAll<SVGElement>('.state.active')].at(-1);
  if (lit === undefined || (frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight)) return;
  const [outer, inner] = [frame.getBoundingClientRect(), lit.getBoundingClientRect()];
  if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}
