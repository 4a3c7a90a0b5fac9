import { useEffect, useState } from 'react';
import { Button, Input, SearchField } from 'react-aria-components';

interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const pauseMs = 200;

/** Tells what is typed once typing pauses. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <SearchField className="search" aria-label={label} value={text} onChange={setText}>
      <Input className="input" placeholder={label} />
      <Button className="search-clear" aria-label="Clear the search">
        ×
      </Button>
    </SearchField>
  );
}
