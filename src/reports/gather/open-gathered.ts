import type { Inventory } from '../../inventory/inventory.ts';
import type { LocalFiles } from '../../inventory/snapshot-files.ts';
import type { ViewName } from '../columns.ts';
import type { AppRow, DriveRow, GroupRow, PersonRow, ReportSources } from '../data/sources.ts';
import type { GatherFiles } from './gather-files.ts';
import type { GatherState } from './gather-state.ts';
import type { GatherDrive, GatherTask, OwnFigures } from './gather-task.ts';
import type { QuotaHistory } from './quota-history.ts';

export interface OpenDeps {
  readonly files: GatherFiles;
  readonly local: LocalFiles;
  readonly inventory: Pick<Inventory, 'open'>;
  readonly history: QuotaHistory;
  readonly own: OwnFigures | undefined;
  readonly clock: () => number;
}

interface Opened {
  readonly files: readonly string[];
  close(): Promise<void>;
}

const itemViews: readonly ViewName[] = [
  'items',
  'files',
  'folders',
  'previous_items',
  'permissions',
  'versions',
];

/** Brings everything that the run's reports ask to this machine. */
export async function openGathered(
  deps: OpenDeps,
  task: GatherTask,
  state: GatherState,
): Promise<{ sources: Partial<ReportSources>; close(): Promise<void> }> {
  const { files, local, inventory, history, own } = deps;
  const of = { runId: task.runId, day: state.day };
  const opened: Opened[] = [];
  const asks = (...views: readonly ViewName[]) => views.some((view) => task.views.includes(view));
  const close = async () => {
    for (const each of opened.splice(0)) await each.close();
  };

  async function keep(each: Opened): Promise<readonly string[]> {
    opened.push(each);
    return each.files;
  }

  async function inventories(which: 'snapshot' | 'previous'): Promise<string[]> {
    const all: string[] = [];
    for (const drive of task.drives) {
      const snapshot = drive[which];
      if (snapshot) all.push(...(await keep(await inventory.open(snapshot))));
    }
    return all;
  }

  const pieces = async (kind: string) => keep(await local.open(await files.pieces(of, kind, state.units)));

  async function lines<T>(...kinds: readonly string[]): Promise<T[]> {
    const all: T[] = [];
    for (const kind of kinds) {
      for (const piece of await files.pieces(of, kind, state.units)) {
        // Written by this very version or an earlier one of it, in the shape of these rows.
        for (const row of await files.readLines(piece)) all.push(row as T);
      }
    }
    return all;
  }

  try {
    const { tenantId, drives } = task;
    const planned = drives.map(({ drive }) => drive);
    const sources: Partial<ReportSources> = {
      drives: drives.map((drive) => toDriveRow(drive, deps.clock())),
      notes: notesOf(state),
      ...(asks(...itemViews) ? { items: await inventories('snapshot') } : {}),
      ...(asks(...itemViews) ? { previous: await inventories('previous') } : {}),
      ...(asks('permissions') ? { permissions: await pieces('permissions') } : {}),
      ...(asks('versions') ? { versions: await pieces('versions') } : {}),
      ...(asks('drive_history') ? { driveHistory: await history.of(tenantId, planned) } : {}),
      ...(asks('people') ? { people: await lines<PersonRow>('people') } : {}),
      ...(asks('groups') ? { groups: await lines<GroupRow>('groups', 'deleted_groups') } : {}),
      ...(asks('apps') ? { apps: await lines<AppRow>('apps') } : {}),
      ...(own && asks('subscriptions') ? { subscriptions: await own.subscriptions(tenantId) } : {}),
      ...(own && asks('rules') ? { rules: await own.rules(tenantId) } : {}),
      ...(own && asks('budgets') ? { budgets: await own.budgets(tenantId) } : {}),
    };
    return { sources, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A drive that is open was read; only its quota where no inventory was asked for. */
function toDriveRow({ drive, snapshot, previous }: GatherDrive, now: number): DriveRow {
  const { outcome, reason, ...known } = drive;
  const read = outcome === 'open';
  return {
    ...known,
    readAt: snapshot?.readAt ?? (read ? now : null),
    previousReadAt: previous?.readAt ?? null,
    outcome: read ? 'read' : outcome,
    reason: read ? null : (reason ?? 'it was not read'),
  };
}

const itemWords: Readonly<Record<string, string>> = {
  permissions: 'Permissions of # could not be read',
  versions: 'Versions of # could not be read',
};

function notesOf({ missed }: GatherState): string[] {
  return Object.entries(missed).map(([what, count]) => {
    const [kind = '', ...reason] = what.split(': ');
    const items = count === 1 ? '1 item' : `${count.toLocaleString('en')} items`;
    const words = itemWords[kind]?.replace('#', items) ?? `${kind} could not be read`;
    return `${words}: ${reason.join(': ').replace(/\.$/, '')}.`;
  });
}
