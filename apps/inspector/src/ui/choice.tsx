import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';

interface ChoiceProps {
  readonly label: string;
  /** Empty: any. */
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
}

/** One of a few, from a list that opens. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Select className="choice" aria-label={label} selectedKey={value} onSelectionChange={(key) => onChange(String(key ?? ''))}>
      <Button className="input choice-button">
        <SelectValue className="choice-value" />
        <span aria-hidden="true" className="chevron" />
      </Button>
      <Popover className="popover">
        <ListBox className="list-box">
          {options.map((option) => (
            <ListBoxItem className="list-item" key={option.value} id={option.value}>
              {option.text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
