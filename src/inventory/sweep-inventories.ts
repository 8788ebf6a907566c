import { isAppError } from '../errors.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { Row, Table } from '../storage/table.ts';
import { type DriveState, inventoryName } from './drive-state.ts';
import { sweepWaste } from './sweep-waste.ts';

/** An inventory that nobody asked for in this time is forgotten; reading the drive again begins at its start. */
const unusedForMs = 100 * 24 * 60 * 60_000;
const holdMs = 5 * 60_000;

/**
 * Removes what was replaced and is kept no longer, also of drives that nobody reads any more, and whole inventories that were not
 * used for long. Gives how many of these. A drive that is being read is left alone.
 */
export async function sweepInventories(
  states: Table<DriveState>,
  blobs: Blobs,
  { partition, now }: { readonly partition: string; readonly now: number },
): Promise<number> {
  let forgotten = 0;
  for await (const row of states.list({ partition })) {
    const { value } = row;
    if (value.heldUntil > now) continue;
    const usedAt = Math.max(value.snapshot?.readAt ?? 0, value.heldUntil);
    try {
      if (usedAt < now - unusedForMs) {
        await forget(row);
        forgotten += 1;
      } else if (value.phase === 'current' && value.waste.some(({ after }) => after <= now)) {
        const waste = await sweepWaste(blobs, value, now);
        await states.replace(row, { ...value, waste });
      }
    } catch (error) {
      // Somebody began to read it just now, and takes care of the rest.
      const lost = ['precondition_failed', 'conflict', 'not_found'] as const;
      if (!lost.some((code) => isAppError(error, code))) throw error;
    }
  }
  return forgotten;

  /** Held meanwhile, so that nobody begins to read what goes; a kill in between leaves it to the next time. */
  async function forget(row: Row<DriveState>): Promise<void> {
    const held = await states.replace(row, { ...row.value, holder: 'sweep', heldUntil: now + holdMs });
    for await (const { name } of blobs.list(`${inventoryName(row.value)}/`)) await blobs.remove(name);
    await states.remove(held.partition, held.row, held.etag);
  }
}
