// Where in the page one is, as it stands in the address after `#`, so that every view can be linked to and the server need not know
// the page's views.
//
//     #/connections?sort=queued&order=desc     #/connections/42     #/closed     #/closed/42     #/supervision/listener:http

export type Route =
  | { readonly view: 'connections' | 'closed'; readonly query: string }
  | { readonly view: 'connection' | 'closedConnection'; readonly id: number }
  | { readonly view: 'supervision'; readonly node: string | null };

export const home: Route = { view: 'connections', query: '' };

/** Anything that is not known is the first view. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [, section, rest] = path.split('/');
  const id = /^[1-9]\d{0,14}$/.test(rest ?? '') ? Number(rest) : null;
  switch (section) {
    case 'connections':
      return id === null ? { view: 'connections', query } : { view: 'connection', id };
    case 'closed':
      return id === null ? { view: 'closed', query } : { view: 'closedConnection', id };
    case 'supervision':
      return { view: 'supervision', node: rest === undefined || rest === '' ? null : decode(rest) };
    default:
      return home;
  }
}

export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'connections':
    case 'closed':
      return `#/${route.view}${route.query === '' ? '' : `?${route.query}`}`;
    case 'connection':
      return `#/connections/${route.id}`;
    case 'closedConnection':
      return `#/closed/${route.id}`;
    case 'supervision':
      return route.node === null ? '#/supervision' : `#/supervision/${encodeURIComponent(route.node)}`;
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
