// What a table shows, as it stands in the address: filters, order. The same names go to the server, which does the work.

export type Order = 'asc' | 'desc';

export interface TableQuery {
  /** By name, those that are set; `q` is free text. */
  readonly filters: Readonly<Record<string, string>>;
  readonly sort: string;
  readonly order: Order;
}

/** What a table can be asked. */
export interface TableForm {
  readonly filters: readonly string[];
  readonly sorts: readonly string[];
  readonly sort: string;
  readonly order: Order;
}

export const connectionsForm: TableForm = {
  filters: ['q', 'state', 'phase', 'protocol', 'peer', 'topic', 'tag'],
  sorts: ['id', 'age', 'queued', 'rateOut', 'rateIn', 'bytesIn', 'bytesOut', 'peer', 'state', 'protocol'],
  sort: 'id',
  order: 'asc',
};

export const closedForm: TableForm = {
  filters: ['q', 'reason', 'peer', 'protocol'],
  sorts: ['closedAt', 'reason', 'age', 'peer', 'protocol', 'bytesIn', 'bytesOut'],
  sort: 'closedAt',
  order: 'desc',
};

/** Reads the address. What the form does not have is left out. */
export function parseTableQuery(text: string, form: TableForm): TableQuery {
  const parameters = new URLSearchParams(text);
  const filters: Record<string, string> = {};
  for (const name of form.filters) {
    const value = parameters.get(name);
    if (value !== null && value !== '') filters[name] = value;
  }
  const sort = parameters.get('sort') ?? '';
  const order = parameters.get('order');
  return {
    filters,
    sort: form.sorts.includes(sort) ? sort : form.sort,
    order: order === 'asc' || order === 'desc' ? order : form.order,
  };
}

/** For the address: what is as it always begins is left out. */
export function formatTableQuery({ filters, sort, order }: TableQuery, form: TableForm): string {
  const parameters = new URLSearchParams();
  for (const name of form.filters) {
    const value = filters[name];
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  if (sort !== form.sort || order !== form.order) {
    parameters.set('sort', sort);
    parameters.set('order', order);
  }
  return parameters.toString();
}

/** For the server, with the part that is wanted. */
export function requestQuery({ filters, sort, order }: TableQuery, offset: number, limit: number): string {
  return new URLSearchParams({ ...filters, sort, order, offset: String(offset), limit: String(limit) }).toString();
}

/** An empty value takes the filter away. */
export function withFilter(query: TableQuery, name: string, value: string): TableQuery {
  const rest = Object.fromEntries(Object.entries(query.filters).filter(([each]) => each !== name));
  return { ...query, filters: value === '' ? rest : { ...rest, [name]: value } };
}

/** Of another column: from its telling end, the largest number or the first letter. Of the same: the other way round. */
export function sortedBy(query: TableQuery, sort: string): TableQuery {
  if (query.sort === sort) return { ...query, order: query.order === 'asc' ? 'desc' : 'asc' };
  const isText = sort === 'peer' || sort === 'state' || sort === 'protocol' || sort === 'reason' || sort === 'id';
  return { ...query, sort, order: isText ? 'asc' : 'desc' };
}
