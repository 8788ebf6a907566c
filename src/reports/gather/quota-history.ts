import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import type { DriveRow } from '../data/sources.ts';
import type { PlannedDrive } from './planned-drive.ts';

/** Table `drives`, partition `quota~{tenant}`: how full a drive was, once a day. */
const quotaRow = z.object({
  driveId: z.string(),
  /** [ms since 1970, total, used, deleted, state], oldest first; sizes are bytes. */
  samples: z.array(
    z.tuple([z.number(), z.number().nullable(), z.number(), z.number().nullable(), z.string().nullable()]),
  ),
});
type QuotaRow = z.infer<typeof quotaRow>;

export interface QuotaHistory {
  /** Notes how full the drive is, unless that was done today already. */
  note(tenantId: string, drive: PlannedDrive, now: number): Promise<void>;
  /** Earlier sizes of these drives. */
  of(tenantId: string, drives: readonly PlannedDrive[]): Promise<DriveRow[]>;
}

const mostSamples = 400;
const apartMs = 20 * 60 * 60_000;
const keptForMs = 400 * 24 * 60 * 60_000;

export function createQuotaHistory(storage: Pick<Storage, 'table'>): QuotaHistory {
  const rows = storage.table<QuotaRow>({
    name: 'drives',
    schema: quotaRow,
    expiresAt: ({ samples }) => Math.ceil(((samples.at(-1)?.[0] ?? 0) + keptForMs) / 1000),
  });
  const partitionOf = (tenantId: string) => `quota~${tenantId}`;
  const rowOf = (driveId: string) => createHash('sha256').update(driveId).digest('hex').slice(0, 32);

  return {
    async note(tenantId, drive, now) {
      const { driveId, quotaUsed: used } = drive;
      if (used === null || used === undefined) return;
      const existing = await rows.get(partitionOf(tenantId), rowOf(driveId));
      const samples = existing?.value.samples ?? [];
      if (now - (samples.at(-1)?.[0] ?? 0) < apartMs) return;
      const sample: QuotaRow['samples'][number] = [
        now,
        drive.quotaTotal ?? null,
        used,
        drive.quotaDeleted ?? null,
        drive.quotaState ?? null,
      ];
      const value = { driveId, samples: [...samples, sample].slice(-mostSamples) };
      try {
        if (existing) await rows.replace(existing, value);
        else await rows.insert(partitionOf(tenantId), rowOf(driveId), value);
      } catch (error) {
        // Another run of this moment noted the same.
        if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'conflict')) throw error;
      }
    },

    async of(tenantId, drives) {
      const known = new Map(drives.map((drive) => [drive.driveId, drive]));
      const found: DriveRow[] = [];
      for await (const { value } of rows.list({ partition: partitionOf(tenantId) })) {
        const drive = known.get(value.driveId);
        if (!drive) continue;
        for (const [readAt, quotaTotal, quotaUsed, quotaDeleted, quotaState] of value.samples) {
          found.push({
            driveId: value.driveId,
            name: drive.name,
            kind: drive.kind,
            siteName: drive.siteName,
            quotaTotal,
            quotaUsed,
            quotaDeleted,
            quotaState,
            readAt,
            outcome: 'read',
          });
        }
      }
      return found;
    },
  };
}
