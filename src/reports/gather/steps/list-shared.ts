import { sql } from '../../data/sql.ts';
import { type GatherWork, isTime } from '../gather-unit.ts';
import { askDrive } from './ask-drive.ts';
import { saveWork } from './work-list.ts';

export const sharedKind = 'shared';

/** Which items have permissions of their own: of the others nothing is asked, since they have those of a folder above. */
export const listShared: GatherWork = async (unit, begun) => {
  const { task } = unit;
  let state = { ...begun, total: begun.total ?? 0 };
  while (state.done < task.drives.length) {
    const { drive, snapshot } = task.drives[state.done] ?? {};
    let total = state.total;
    if (drive && snapshot) {
      const query = sql`
        SELECT item_id FROM items WHERE (unique_permissions OR shared_scope IS NOT NULL) AND kind <> 'root' ORDER BY path`;
      await askDrive(unit, snapshot, query, async (rows) => {
        const items = rows.map(([itemId]) => ({ driveId: drive.driveId, itemId: String(itemId) }));
        await saveWork(unit, sharedKind, total, items);
        total += items.length;
      });
    }
    state = { ...state, done: state.done + 1, total };
    unit.reached(state);
    if (isTime(unit)) break;
  }
  return { state, over: state.done >= task.drives.length };
};
