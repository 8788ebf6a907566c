import { z } from 'zod';
import { sql } from '../../data/sql.ts';
import type { GatherState } from '../gather-state.ts';
import { type GatherUnitContext, type GatherWork, isTime } from '../gather-unit.ts';
import { askDrive } from './ask-drive.ts';

export const largestKind = 'largest';
const defaultCount = 500;
const mostCount = 10_000;

const sized = z.object({ driveId: z.string(), itemId: z.string(), size: z.number() });
type Sized = z.infer<typeof sized>;

/** The largest files of all drives: the best of those seen so far are handed from unit to unit. */
export const listLargest: GatherWork = async (unit, begun) => {
  const { task } = unit;
  const most = Math.min(task.versionsOf ?? defaultCount, mostCount);
  let best = await bestSoFar(unit, begun);
  let { done } = begun;
  while (done < task.drives.length && (done === begun.done || !isTime(unit))) {
    const { drive, snapshot } = task.drives[done] ?? {};
    done += 1;
    if (!drive || !snapshot) continue;
    const query = sql`
      SELECT item_id, size FROM items WHERE kind = 'file' ORDER BY size DESC NULLS LAST, item_id LIMIT ${most}`;
    await askDrive(unit, snapshot, query, async (rows) => {
      const found = rows.map(([itemId, size]) => ({
        driveId: drive.driveId,
        itemId: String(itemId),
        size: Number(size ?? 0),
      }));
      best = [...best, ...found].sort(bySize).slice(0, most);
    });
  }
  if (done === begun.done) return { state: begun, over: done >= task.drives.length };
  await unit.files.saveLines(unit.of, { kind: largestKind, number: done, unit: unit.unit }, best);
  const state = { ...begun, done, total: best.length };
  unit.reached(state);
  return { state, over: done >= task.drives.length };
};

/** What the last unit saved holds all that came before. */
export async function bestSoFar({ files, of }: GatherUnitContext, { units }: GatherState): Promise<Sized[]> {
  const last = (await files.pieces(of, largestKind, units)).at(-1);
  return last ? z.array(sized).parse(await files.readLines(last)) : [];
}

function bySize(one: Sized, other: Sized): number {
  return other.size - one.size || (one.itemId < other.itemId ? -1 : 1);
}
