import { Button } from 'react-aria-components';
import { Choice } from '../ui/choice.tsx';
import { sortedBy, type TableQuery } from './table-query.ts';

interface SortChoiceProps {
  readonly query: TableQuery;
  readonly sorts: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (query: TableQuery) => void;
}

/** On a narrow screen, where a table has no heads to press. */
export function SortChoice({ query, sorts, onChange }: SortChoiceProps) {
  const { sort, order } = query;
  return (
    <div className="sort-choice">
      <Choice
        label="Sort by"
        value={sort}
        options={sorts.some(({ value }) => value === sort) ? sorts : [...sorts, { value: sort, text: sort }]}
        onChange={(value) => {
          if (value !== sort) onChange(sortedBy(query, value));
        }}
      />
      <Button className="button quiet" aria-label={order === 'asc' ? 'Ascending' : 'Descending'} onPress={() => onChange(sortedBy(query, sort))}>
        {order === 'asc' ? '↑' : '↓'}
      </Button>
    </div>
  );
}
