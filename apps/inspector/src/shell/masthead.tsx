import { formatRoute, home, type Route } from '../routing/route.ts';
import { ThemeButton } from './theme-button.tsx';
import { Pulse } from './pulse.tsx';

const sections = [
  { title: 'Connections', href: formatRoute(home), views: ['connections', 'connection'] },
  { title: 'Closed', href: formatRoute({ view: 'closed', query: '' }), views: ['closed', 'closedConnection'] },
  { title: 'Supervision', href: formatRoute({ view: 'supervision', node: null }), views: ['supervision'] },
];

export function Masthead({ route }: { readonly route: Route }) {
  return (
    <header className="masthead">
      <a className="brand" href={formatRoute(home)}>
        <img src="favicon.svg" alt="" width="22" height="22" />
        <span>
          Sluice <span className="brand-what">inspector</span>
        </span>
      </a>
      <nav aria-label="Views">
        {sections.map(({ title, href, views }) => (
          <a key={title} href={href} aria-current={views.includes(route.view) ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Pulse />
      <ThemeButton />
    </header>
  );
}
