import type { GraphWorld } from '../graph-world.ts';
import type { DriveRights } from './access/drive-rights.ts';
import type { SiteGrants } from './access/site-grants.ts';
import type { ContentStore } from './content/content-store.ts';
import type { PassUrls } from './content/pass-urls.ts';
import type { DriveSet } from './drives/drive-set.ts';
import type { Actor } from './drives/item-record.ts';
import type { UnitBudget } from './ledger/unit-budget.ts';
import type { Switches } from './switches.ts';

/** Everything that the Graph routes share; made once per tenant by create-graph.ts. */
export interface GraphContext
  extends Pick<GraphWorld, 'directory' | 'clock' | 'seeded' | 'options' | 'onChange'> {
  readonly drives: DriveSet;
  readonly contents: ContentStore;
  readonly rights: DriveRights;
  readonly siteGrants: SiteGrants;
  readonly budget: UnitBudget;
  readonly passes: PassUrls;
  /** Changed in place by the control route. */
  readonly switches: Switches;
  readonly identity: (actor: Actor) => string;
  /** A lower-case GUID that wasn't there before. */
  readonly newGuid: () => string;
}
