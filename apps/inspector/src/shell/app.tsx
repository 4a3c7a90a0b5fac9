import { ClosedConnectionView } from '../closed/closed-connection-view.tsx';
import { ClosedView } from '../closed/closed-view.tsx';
import { ConnectionView } from '../connection/connection-view.tsx';
import { ConnectionsView } from '../connections/connections-view.tsx';
import type { Route } from '../routing/route.ts';
import { useRoute } from '../routing/use-route.tsx';
import { reachability } from '../state/reachability.ts';
import { useStore } from '../state/use-store.tsx';
import { SupervisionView } from '../supervision/supervision-view.tsx';
import { LostNotice } from './lost-notice.tsx';
import { Masthead } from './masthead.tsx';
import { SignIn } from './sign-in.tsx';

export function App() {
  const route = useRoute();
  const { state } = useStore(reachability);
  return (
    <>
      <Masthead route={route} />
      <LostNotice />
      <main>{state === 'signedOut' ? <SignIn /> : <View route={route} />}</main>
    </>
  );
}

function View({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'connections':
      return <ConnectionsView query={route.query} />;
    case 'connection':
      return <ConnectionView key={route.id} id={route.id} />;
    case 'closed':
      return <ClosedView query={route.query} />;
    case 'closedConnection':
      return <ClosedConnectionView key={route.id} id={route.id} />;
    case 'supervision':
      return <SupervisionView node={route.node} />;
  }
}
