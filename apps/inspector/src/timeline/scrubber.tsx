// The timeline as one line: a mark for each step, a thumb that is dragged or moved with the arrow keys, and the way back to the present.

import { Button, Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { formatOffset } from '../format/duration.ts';
import { stateLabel } from '../chart/state-ids.ts';
import { momentAt, type Timeline } from './timeline.ts';

interface ScrubberProps {
  readonly timeline: Timeline;
  readonly position: number;
  /** Whether the end is the present; otherwise it is the close. */
  readonly isLive: boolean;
  readonly isFollowing: boolean;
  readonly onMove: (position: number) => void;
}

export function Scrubber({ timeline, position, isLive, isFollowing, onMove }: ScrubberProps) {
  const last = timeline.steps.length;
  const moment = momentAt(timeline, position);
  const text = `${position} of ${last}: ${moment.event ?? 'the beginning'}, ${stateLabel(moment.state)}`;
  return (
    <div className="scrubber">
      <div className="scrubber-buttons">
        <Button className="button small quiet" aria-label="One step back" isDisabled={position === 0} onPress={() => onMove(position - 1)}>
          ←
        </Button>
        <Button className="button small quiet" aria-label="One step on" isDisabled={position === last} onPress={() => onMove(position + 1)}>
          →
        </Button>
      </div>
      <Slider className="slider" aria-label="Timeline" minValue={0} maxValue={Math.max(1, last)} value={position} onChange={onMove}>
        <SliderTrack className="slider-track">
          <Marks timeline={timeline} position={position} />
          <SliderThumb className="slider-thumb" aria-valuetext={text} />
        </SliderTrack>
      </Slider>
      <output className="scrubber-when">
        <b>{moment.event ?? 'beginning'}</b>
        <span>{formatOffset(moment.atMs)}</span>
      </output>
      <Button className="button small quiet live-button" data-live={isFollowing || undefined} isDisabled={isFollowing} onPress={() => onMove(last)}>
        {isLive ? 'Live' : 'End'}
      </Button>
    </div>
  );
}

/** No more marks than can be told apart. */
const mostMarks = 240;

function Marks({ timeline: { steps }, position }: { readonly timeline: Timeline; readonly position: number }) {
  const every = Math.ceil(steps.length / mostMarks);
  return (
    <div className="marks" aria-hidden="true">
      {steps.map(({ event }, i) =>
        i % every === 0 ? (
          <span
            key={i}
            className="mark"
            data-kind={event?.startsWith('TIMEOUT') === true ? 'timeout' : event?.startsWith('OUTBOUND') === true ? 'outbound' : event?.startsWith('INBOUND') === true ? 'inbound' : 'life'}
            data-past={i < position || undefined}
            style={{ left: `${((i + 1) / Math.max(1, steps.length)) * 100}%` }}
          />
        ) : null,
      )}
    </div>
  );
}
