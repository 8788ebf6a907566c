import { z } from 'zod';
import { type AppError, isAppError } from '../../../errors.ts';
import type { ViewName } from '../../columns.ts';
import type { GatherState } from '../gather-state.ts';
import { type GatherUnitContext, isTime, type StepProgress, withMissed } from '../gather-unit.ts';

/** A list of the directory that becomes rows. */
export interface DirectoryList<T> {
  /** The kind of file. */
  readonly kind: string;
  /** Where the list begins. Later ones are asked when Graph refuses those before, which want more permissions. */
  readonly starts: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly member: z.ZodType<T>;
  /** What it is, for the sentence that it could not be read. */
  readonly name: string;
  rows(members: readonly T[], unit: GatherUnitContext): Promise<readonly object[]> | readonly object[];
}

/** Reads pages until the end of the list or of the unit, and saves each. What may not be read is said in the report. */
export async function readList<T>(
  unit: GatherUnitContext,
  begun: GatherState,
  list: DirectoryList<T>,
): Promise<StepProgress> {
  const schema = z.object({ value: z.array(list.member), '@odata.nextLink': z.string().nullish() });
  let state = begun;
  let start = 0;
  do {
    const path = state.link ?? list.starts[start] ?? '';
    let body: z.infer<typeof schema>;
    try {
      body = (await unit.client.call({ path, schema, ...(list.headers ? { headers: list.headers } : {}) }))
        .body;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      start += 1;
      if (state.link === undefined && start < list.starts.length) continue;
      if (!unit.task.views.some(isOfFiles)) throw error;
      return { state: withMissed(state, `${list.name}: ${error.message}`), over: true };
    }
    const rows = await list.rows(body.value, unit);
    await unit.files.saveLines(unit.of, { kind: list.kind, number: state.done, unit: unit.unit }, rows);
    const { link: _, ...rest } = state;
    const next = body['@odata.nextLink'] ?? undefined;
    state = { ...rest, done: state.done + 1, ...(next === undefined ? {} : { link: next }) };
    if (next === undefined) return { state, over: true };
    unit.reached(state);
  } while (!isTime(unit));
  return { state, over: false };
}

/** A report on the directory alone would be empty, and look as if all were well. */
function isOfFiles(view: ViewName): boolean {
  return view !== 'people' && view !== 'groups' && view !== 'apps';
}

/** It will not be otherwise when it is asked again. */
function isRefusal(error: unknown): error is AppError {
  return (
    isAppError(error) && ['forbidden', 'not_found', 'graph_error', 'invalid_request'].includes(error.code)
  );
}
