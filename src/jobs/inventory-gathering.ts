import type { Inventory, Snapshot } from '../inventory/inventory.ts';
import type { DriveRow } from '../reports/data/sources.ts';
import type { GatherDrive, Gathering, GatherTask } from '../reports/gather/gathering.ts';

/** Inventories alone: what needs nothing beside them. */
export function inventoryGathering(inventory: Pick<Inventory, 'open'>, clock: () => number): Gathering {
  async function openAll(snapshots: readonly (Snapshot | undefined)[]) {
    const parts = snapshots.flatMap((each) => each?.parts ?? []);
    const [first] = snapshots.flatMap((each) => each ?? []);
    return first ? inventory.open({ ...first, parts }) : undefined;
  }

  return {
    async unit() {
      const day = new Date(clock()).toISOString().slice(0, 10);
      return {
        state: { step: 'done', day, done: 0, batch: 5, units: [], missed: {} },
        done: true,
        calls: 0,
      };
    },
    async open({ drives }: GatherTask) {
      const items = await openAll(drives.map(({ snapshot }) => snapshot));
      const previous = await openAll(drives.map(({ previous: each }) => each));
      return {
        sources: {
          ...(items ? { items: items.files } : {}),
          ...(previous ? { previous: previous.files } : {}),
          drives: drives.map(toRow),
        },
        async close() {
          await items?.close();
          await previous?.close();
        },
      };
    },
    sweep: () => Promise.resolve(0),
  };
}

function toRow({ drive, snapshot, previous }: GatherDrive): DriveRow {
  const { driveId, outcome, name, kind, reason } = drive;
  return {
    ...{ driveId, name: name ?? null, kind: kind ?? null, reason: reason ?? null },
    ...{
      ownerId: drive.ownerId ?? null,
      ownerName: drive.ownerName ?? null,
      ownerMail: drive.ownerMail ?? null,
    },
    ...{ siteName: drive.siteName ?? null, webUrl: drive.webUrl ?? null },
    ...{ quotaTotal: drive.quotaTotal ?? null, quotaUsed: drive.quotaUsed ?? null },
    ...{ quotaDeleted: drive.quotaDeleted ?? null, quotaState: drive.quotaState ?? null },
    outcome: outcome === 'open' ? 'read' : outcome,
    readAt: snapshot?.readAt ?? null,
    previousReadAt: previous?.readAt ?? null,
  };
}
