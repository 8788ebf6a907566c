import { isAppError } from '../../errors.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { createSnapshotFiles } from '../../inventory/snapshot-files.ts';
import { newId, type Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ViewName } from '../columns.ts';
import { createGatherFiles } from './gather-files.ts';
import { type GatherState, type GatherStep, gatherSteps } from './gather-state.ts';
import type { Gathering, GatherTask, OwnFigures } from './gather-task.ts';
import type { GatherUnitContext, GatherWork } from './gather-unit.ts';
import { openGathered } from './open-gathered.ts';
import { createQuotaHistory } from './quota-history.ts';
import { readApps } from './steps/apps.ts';
import { firstBatch } from './steps/ask-items.ts';
import { readDeletedGroups, readGroups } from './steps/groups.ts';
import { listLargest } from './steps/list-largest.ts';
import { listShared } from './steps/list-shared.ts';
import { readPeople } from './steps/people.ts';
import { readPermissions } from './steps/permissions.ts';
import { noteQuota } from './steps/quota.ts';
import { readVersions } from './steps/versions.ts';

export { type GatherState, gatherState } from './gather-state.ts';
export type { GatherDrive, Gathering, GatherTask, GatherUnit, OwnFigures } from './gather-task.ts';

export interface GatheringDeps {
  readonly storage: Pick<Storage, 'table' | 'blobs'>;
  readonly inventory: Pick<Inventory, 'open'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
  /** What this installation knows of itself; nothing unless given. */
  readonly own?: OwnFigures | undefined;
  /** For files that are being worked on; the system's folder for such things unless given. */
  readonly tempDir?: string | undefined;
}

interface Step {
  /** Done when one of the run's reports asks this view; always unless given. */
  readonly view?: ViewName;
  readonly work: GatherWork;
}

const steps: Readonly<Record<Exclude<GatherStep, 'done'>, Step>> = {
  people: { view: 'people', work: readPeople },
  groups: { view: 'groups', work: readGroups },
  deleted_groups: { view: 'groups', work: readDeletedGroups },
  apps: { view: 'apps', work: readApps },
  quota: { work: noteQuota },
  permissions_list: { view: 'permissions', work: listShared },
  permissions: { view: 'permissions', work: readPermissions },
  versions_list: { view: 'versions', work: listLargest },
  versions: { view: 'versions', work: readVersions },
};

/** Runs are retried and looked at for some days; their reports are kept elsewhere. */
const keptForMs = 3 * 24 * 60 * 60_000;

export function createGathering({ storage, inventory, ports, own, tempDir }: GatheringDeps): Gathering {
  const blobs = storage.blobs('inventory');
  const local = createSnapshotFiles({ blobs, ports, tempDir });
  const files = createGatherFiles({ blobs, local });
  const history = createQuotaHistory(storage);

  return {
    async unit(task, begun, deadline) {
      const unit = newId('u', ports.random).slice(2, 7);
      const { client, calls } = counted(task.client);
      let reached = begun ?? freshState(task, dayOf(ports.clock()));
      const start = reached;
      const context: GatherUnitContext = {
        task,
        client,
        files,
        local,
        inventory,
        history,
        clock: ports.clock,
        deadline,
        unit,
        of: { runId: task.runId, day: start.day },
        reached: (state) => {
          reached = withUnit(state, unit);
        },
      };
      try {
        // However late it is, a unit gets somewhere.
        while (reached.step !== 'done') {
          const { state, over } = await steps[reached.step].work(context, reached);
          reached = withUnit(over ? nextStep(task, state) : state, unit);
          if (!over || ports.clock() >= deadline) break;
        }
      } catch (error) {
        if (!isAppError(error, 'throttled') || reached === start) throw error;
      }
      return { state: reached, done: reached.step === 'done', calls: calls() };
    },

    open: (task, state) =>
      openGathered({ files, local, inventory, history, own, clock: ports.clock }, task, state),

    sweep: () => files.removeBefore(dayOf(ports.clock() - keptForMs)),
  };
}

function freshState(task: GatherTask, day: string): GatherState {
  const none: GatherState = { step: 'people', day, done: 0, batch: firstBatch, units: [], missed: {} };
  return isWanted(task, none.step) ? none : nextStep(task, none);
}

function isWanted({ views }: GatherTask, step: GatherStep): boolean {
  const view = step === 'done' ? undefined : steps[step].view;
  return view === undefined || views.includes(view);
}

/** At the beginning of the next step that is wanted; how many items a list has is known to the step after it. */
function nextStep(task: GatherTask, { link: _, total, ...state }: GatherState): GatherState {
  const later = gatherSteps.slice(gatherSteps.indexOf(state.step) + 1);
  const step = later.find((each) => isWanted(task, each)) ?? 'done';
  const keeps = step === 'permissions' || step === 'versions';
  return { ...state, step, done: 0, batch: firstBatch, ...(keeps && total !== undefined ? { total } : {}) };
}

function withUnit(state: GatherState, unit: string): GatherState {
  return state.units.at(-1) === unit ? state : { ...state, units: [...state.units, unit] };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function counted(client: GraphClient): { client: GraphClient; calls(): number } {
  let calls = 0;
  return {
    calls: () => calls,
    client: {
      ...client,
      call(call) {
        calls += 1;
        return client.call(call);
      },
    },
  };
}
