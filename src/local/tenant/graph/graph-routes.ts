import type { GraphWorld } from '../graph-world.ts';
import type { Route } from '../http/route.ts';
import { createGraph } from './create-graph.ts';
import { metered } from './metered.ts';
import { childrenRoutes } from './routes/children-routes.ts';
import { contentRoutes, downloadRoute } from './routes/content-routes.ts';
import { graphControlRoutes } from './routes/control-routes.ts';
import { deltaRoutes } from './routes/delta-routes.ts';
import { driveRoutes } from './routes/drive-routes.ts';
import { itemRoutes } from './routes/item-routes.ts';
import { peopleRoutes } from './routes/people-routes.ts';
import { siteRoutes } from './routes/site-routes.ts';
import { uploadRoutes } from './routes/upload-routes.ts';
import { createNotifier } from './subscriptions/notifier.ts';
import { subscriptionRoutes } from './subscriptions/subscription-routes.ts';
import { createSubscriptionStore } from './subscriptions/subscription-store.ts';

/** Microsoft Graph: its routes, the pre-authenticated host beside it, and what control can do to both. */
export function graphRoutes(world: GraphWorld): Route[] {
  const { clock, deliver, ledger, onChange, onStop, state } = world;
  const store = createSubscriptionStore(clock, onChange);
  const context = createGraph(world, (drive) => notifier.changed(drive.id));
  const notifier = createNotifier({ deliver, store, switches: context.switches, ledger, clock });
  state.register('subscriptions', store);
  onStop(notifier.stop);

  const uploads = uploadRoutes(context);
  const graph = [
    ...peopleRoutes(context),
    ...siteRoutes(context),
    ...driveRoutes(context),
    ...deltaRoutes(context),
    ...childrenRoutes(context),
    ...contentRoutes(context),
    ...uploads.graph,
    ...itemRoutes(context),
    ...subscriptionRoutes(context, store, notifier),
  ];
  return [
    ...graph.map((route) => metered(context, ledger, route)),
    downloadRoute(context),
    ...uploads.files,
    ...graphControlRoutes(context, store, notifier),
  ];
}
