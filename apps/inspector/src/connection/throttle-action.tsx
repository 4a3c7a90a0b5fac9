import { useState } from 'react';
import { Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components';
import type { ConnectionAction } from '../api/documents.ts';
import { formatBytes, parseBytes } from '../format/bytes.ts';
import { Confirmed } from '../ui/confirmed.tsx';

interface ThrottleActionProps {
  readonly id: number;
  readonly act: (action: ConnectionAction) => Promise<void>;
}

export function ThrottleAction({ id, act }: ThrottleActionProps) {
  const [direction, setDirection] = useState<'in' | 'out'>('out');
  const [text, setText] = useState('100 kB');
  const bytesPerSecond = text.trim() === '' ? 0 : parseBytes(text);
  const meaning = bytesPerSecond === null ? 'A number of bytes, like 2048, 100 kB or 1.5 MB' : bytesPerSecond === 0 ? 'No throttle' : `${formatBytes(bytesPerSecond)} a second`;
  return (
    <Confirmed label="Throttle…" title={`Throttle #${id}`} isReady={bytesPerSecond !== null} act={() => act({ action: 'throttle', direction, bytesPerSecond: bytesPerSecond ?? 0 })}>
      <RadioGroup className="radios" aria-label="Direction" value={direction} onChange={(value) => setDirection(value === 'in' ? 'in' : 'out')}>
        <Radio className="radio" value="out">
          Outbound, to the peer
        </Radio>
        <Radio className="radio" value="in">
          Inbound, from the peer
        </Radio>
      </RadioGroup>
      <TextField className="field" value={text} onChange={setText} isInvalid={bytesPerSecond === null}>
        <Label>Bytes per second (empty: none)</Label>
        <Input className="input" />
      </TextField>
      <p className="soft">{meaning}</p>
    </Confirmed>
  );
}
