import { z } from 'zod';
import { views } from '../../columns.ts';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';
import { askItems, type ItemQuestion } from './ask-items.ts';
import { bestSoFar } from './list-largest.ts';
import { timeOf } from './time-of.ts';
import type { WorkItem } from './work-list.ts';

const version = z.object({
  id: z.string(),
  size: z.number().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  lastModifiedBy: z
    .object({
      user: z.object({ displayName: z.string().nullish() }).nullish(),
      application: z.object({ displayName: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

const question: ItemQuestion = {
  kind: 'versions',
  columns: views.versions.columns,
  path: ({ driveId, itemId }) =>
    `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(itemId)}/versions?$select=id,size,lastModifiedDateTime,lastModifiedBy`,
  rows: ({ driveId, itemId }, answers) =>
    answers.flatMap((answer) => {
      const one = version.safeParse(answer).data;
      if (!one) return [];
      const by = one.lastModifiedBy?.user ?? one.lastModifiedBy?.application;
      return [
        [driveId, itemId, one.id, one.size ?? 0, timeOf(one.lastModifiedDateTime), by?.displayName ?? null],
      ];
    }),
};

/** The versions of the largest files. */
export async function readVersions(unit: GatherUnitContext, state: GatherState) {
  const best = await bestSoFar(unit, state);
  return askItems(unit, state, from(best.slice(state.done)), question);
}

async function* from(items: readonly WorkItem[]): AsyncGenerator<WorkItem> {
  yield* items;
}
