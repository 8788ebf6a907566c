import type { GraphWorld } from '../graph-world.ts';
import type { Route } from '../http/route.ts';
import { createGraph } from './create-graph.ts';
import { metered } from './metered.ts';
import { adminRoutes } from './routes/admin-routes.ts';
import { batchRoute } from './routes/batch-routes.ts';
import { childrenRoutes } from './routes/children-routes.ts';
import { contentRoutes, downloadRoute } from './routes/content-routes.ts';
import { graphControlRoutes } from './routes/control-routes.ts';
import { copyRoutes } from './routes/copy-routes.ts';
import { deltaRoutes } from './routes/delta-routes.ts';
import { driveRoutes } from './routes/drive-routes.ts';
import { groupRoutes } from './routes/group-routes.ts';
import { itemRoutes } from './routes/item-routes.ts';
import { listRoutes } from './routes/list-routes.ts';
import { mailRoutes } from './routes/mail-routes.ts';
import { peopleRoutes } from './routes/people-routes.ts';
import { reportRoutes } from './routes/report-routes.ts';
import { searchRoutes } from './routes/search-routes.ts';
import { sharingRoutes } from './routes/sharing-routes.ts';
import { sitePermissionRoutes } from './routes/site-permission-routes.ts';
import { siteRoutes } from './routes/site-routes.ts';
import { uploadRoutes } from './routes/upload-routes.ts';
import { versionRoutes } from './routes/version-routes.ts';
import { createNotifier } from './subscriptions/notifier.ts';
import { subscriptionRoutes } from './subscriptions/subscription-routes.ts';
import { createSubscriptionStore } from './subscriptions/subscription-store.ts';

/** Microsoft Graph: its routes, the pre-authenticated host beside it, and what control can do to both. */
export function graphRoutes(world: GraphWorld): Route[] {
  const { clock, deliver, ledger, onChange, onStop, state } = world;
  const store = createSubscriptionStore(clock, onChange);
  const context = createGraph(world, (drive, sharing) => notifier.changed(drive.id, sharing));
  const notifier = createNotifier({ deliver, store, switches: context.switches, ledger, clock });
  state.register('subscriptions', store);
  onStop(notifier.stop);

  const uploads = uploadRoutes(context);
  const copies = copyRoutes(context);
  const mails = mailRoutes(context);
  const reports = reportRoutes(context);
  const graph = [
    ...peopleRoutes(context),
    ...groupRoutes(context),
    ...adminRoutes(context),
    ...sitePermissionRoutes(context),
    ...siteRoutes(context),
    ...driveRoutes(context),
    ...deltaRoutes(context),
    ...childrenRoutes(context),
    ...contentRoutes(context),
    ...uploads.graph,
    ...copies.graph,
    ...sharingRoutes(context),
    ...versionRoutes(context),
    ...searchRoutes(context),
    ...listRoutes(context),
    ...mails.graph,
    ...reports.graph,
    ...itemRoutes(context),
    ...subscriptionRoutes(context, store, notifier),
  ];
  const priced = graph.map((route) => metered(context, ledger, route));
  return [
    batchRoute(context, priced),
    ...priced,
    downloadRoute(context),
    ...uploads.files,
    ...copies.files,
    ...reports.files,
    ...mails.control,
    ...graphControlRoutes(context, store, notifier),
  ];
}
