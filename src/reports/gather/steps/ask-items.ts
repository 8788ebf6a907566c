import { z } from 'zod';
import { isAppError } from '../../../errors.ts';
import { type BatchAnswer, isPassing, largestBatch, readBatch } from '../../../graph/batch.ts';
import type { ViewColumn } from '../../columns.ts';
import type { Cell } from '../../data/duck.ts';
import type { GatherState } from '../gather-state.ts';
import { type GatherUnitContext, isTime, type StepProgress, withMissed } from '../gather-unit.ts';
import type { WorkItem } from './work-list.ts';

/** A question that is asked of many items. */
export interface ItemQuestion {
  /** The kind of file that its rows become. */
  readonly kind: string;
  readonly columns: readonly ViewColumn[];
  path(item: WorkItem): string;
  rows(item: WorkItem, answers: readonly unknown[]): readonly (readonly Cell[])[];
}

interface Open extends WorkItem {
  readonly place: number;
  readonly tries: number;
}

/** Users saw large batches of permissions become slow, so they begin small. */
export const firstBatch = 5;
const smallestBatch = 5;
const slowMs = 4000;
const mostTries = 5;
const rowsOfPiece = 20_000;

const list = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/**
 * Asks one thing of each item of `work`, which begins at the place that the state says, in batches that grow while Graph is quick
 * and shrink when it refuses some. What was refused is asked again by itself; what can't be read is counted by its reason.
 */
export async function askItems(
  unit: GatherUnitContext,
  begun: GatherState,
  work: AsyncIterator<WorkItem>,
  question: ItemQuestion,
): Promise<StepProgress> {
  let state = begun;
  let open: Open[] = [];
  let taken = begun.done;
  let size = begun.batch;
  /** Answered, though something before it is not. */
  const ahead = new Map<number, { rows: readonly (readonly Cell[])[]; missed?: string }>();
  let rows: (readonly Cell[])[] = [];
  let saved = begun.done;

  async function fill(): Promise<void> {
    while (open.length < size) {
      const next = await work.next();
      if (next.done === true) return;
      open.push({ ...next.value, place: taken, tries: 0 });
      taken += 1;
    }
  }

  /** Takes over what is answered without a gap. */
  function settle(): void {
    for (let found = ahead.get(state.done); found; found = ahead.get(state.done)) {
      ahead.delete(state.done);
      for (const row of found.rows) rows.push(row);
      state = {
        ...(found.missed === undefined ? state : withMissed(state, found.missed)),
        done: state.done + 1,
      };
    }
  }

  async function save(): Promise<void> {
    if (state.done === saved) return;
    const name = { kind: question.kind, number: saved, unit: unit.unit };
    if (rows.length > 0) await unit.files.saveRows(unit.of, name, question.columns, rows);
    rows = [];
    saved = state.done;
    state = { ...state, batch: size };
    unit.reached(state);
  }

  async function ask(): Promise<void> {
    const asked = open.slice(0, size);
    const from = unit.clock();
    const answers = await readBatch(
      unit.client,
      asked.map((item) => question.path(item)),
    );
    const again: Open[] = [];
    for (const [index, item] of asked.entries()) {
      const answer = answers[index];
      if (!answer || (isPassing(answer.status) && item.tries < mostTries)) {
        again.push({ ...item, tries: item.tries + 1 });
      } else {
        ahead.set(item.place, await read(item, answer));
      }
    }
    open = [...again, ...open.slice(asked.length)];
    const slow = unit.clock() - from > slowMs;
    size =
      again.length > 0 || slow
        ? Math.max(smallestBatch, Math.floor(size / 2))
        : Math.min(largestBatch, size + 5);
    settle();
  }

  async function read(item: Open, answer: BatchAnswer) {
    if (answer.status === 404) return { rows: [] };
    const first = answer.status < 300 ? list.safeParse(answer.body).data : undefined;
    if (!first) return { rows: [], missed: `${question.kind}: ${reasonOf(answer.status)}` };
    const values = [...first.value];
    for (let next = first['@odata.nextLink']; next; ) {
      const { body } = await unit.client.call({ path: next, schema: list });
      values.push(...body.value);
      next = body['@odata.nextLink'];
    }
    return { rows: question.rows(item, values) };
  }

  try {
    for (;;) {
      await fill();
      if (open.length === 0) {
        await save();
        return { state, over: true };
      }
      await ask();
      if (isTime(unit)) break;
      if (rows.length >= rowsOfPiece) await save();
    }
  } catch (error) {
    // What was answered is kept before the wait begins.
    if (isAppError(error, 'throttled')) await save();
    throw error;
  }
  await save();
  return { state, over: false };
}

function reasonOf(status: number): string {
  if (status === 401 || status === 403) return 'this connection may not read them';
  if (status === 423) return 'the site is locked';
  return `Microsoft Graph answered ${status}`;
}
