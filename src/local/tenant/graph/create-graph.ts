import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { GraphWorld } from '../graph-world.ts';
import { createDriveRights } from './access/drive-rights.ts';
import { createSiteGrants } from './access/site-grants.ts';
import { createContentStore } from './content/content-store.ts';
import { createPassUrls } from './content/pass-urls.ts';
import type { Drive, DriveState } from './drives/drive.ts';
import { createDriveSet } from './drives/drive-set.ts';
import type { GraphContext } from './graph-context.ts';
import { createUnitBudget } from './ledger/unit-budget.ts';
import { createIdentityWriter } from './render/identities.ts';
import { switchesSchema } from './switches.ts';

/** The parts that all Graph routes share, with what an earlier run saved. `onCommit` hears of each change of a drive. */
export function createGraph(
  world: GraphWorld,
  onCommit: (drive: Drive, sharing: boolean) => void,
): GraphContext {
  const { directory, clock, seeded, options, state, onChange } = world;
  const drives = createDriveSet(directory, seeded, options, (drive) =>
    drive.onCommit((sharing) => {
      onChange();
      onCommit(drive, sharing);
    }),
  );
  const siteGrants = createSiteGrants();
  const folder = state.directory === undefined ? undefined : join(state.directory, 'content');
  state.register('drives', {
    save: drives.save,
    load: (value) => drives.load(value as Record<string, DriveState>),
  });
  state.register('siteGrants', {
    save: siteGrants.save,
    load: (value) => siteGrants.load(value as ReturnType<typeof siteGrants.save>),
  });
  return {
    directory,
    clock,
    seeded,
    options,
    onChange,
    drives,
    siteGrants,
    contents: createContentStore(folder),
    rights: createDriveRights(directory, siteGrants, clock),
    budget: createUnitBudget({
      clock,
      ...(options.ruPerMinute === undefined ? {} : { perMinute: options.ruPerMinute }),
    }),
    passes: createPassUrls(seeded.bytes('pass urls', 32), clock),
    switches: switchesSchema.parse({}),
    identity: createIdentityWriter(directory),
    newGuid: () => randomUUID(),
  };
}
