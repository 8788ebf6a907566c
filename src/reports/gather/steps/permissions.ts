import { views } from '../../columns.ts';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';
import { askItems, type ItemQuestion } from './ask-items.ts';
import { grantsOf } from './grants-of.ts';
import { sharedKind } from './list-shared.ts';
import { workFrom } from './work-list.ts';

const question: ItemQuestion = {
  kind: 'permissions',
  columns: views.permissions.columns,
  path: ({ driveId, itemId }) =>
    `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(itemId)}/permissions`,
  rows: ({ driveId, itemId }, answers) =>
    answers.flatMap((answer) => grantsOf(answer).map((grant) => [driveId, itemId, ...grant])),
};

/** Who may do what with the items that have permissions of their own. */
export function readPermissions(unit: GatherUnitContext, state: GatherState) {
  return askItems(unit, state, workFrom(unit, state, sharedKind, state.done), question);
}
