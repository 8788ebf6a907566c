import { z } from 'zod';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';

/** An item that Graph is to be asked about. */
const workItem = z.object({ driveId: z.string(), itemId: z.string() });
export type WorkItem = z.infer<typeof workItem>;

const mostOfPiece = 2000;

/** Saves items of a list from place `from` on. */
export async function saveWork(
  { files, of, unit }: GatherUnitContext,
  kind: string,
  from: number,
  items: readonly WorkItem[],
): Promise<void> {
  for (let start = 0; start < items.length; start += mostOfPiece) {
    const some = items.slice(start, start + mostOfPiece);
    await files.saveLines(of, { kind, number: from + start, unit }, some);
  }
}

/** The items of a list from place `from` on, a piece in memory at a time. */
export async function* workFrom(
  { files, of }: GatherUnitContext,
  { units }: GatherState,
  kind: string,
  from: number,
): AsyncGenerator<WorkItem> {
  const pieces = await files.pieces(of, kind, units);
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1];
    if (next && next.number <= from) continue;
    const items = z.array(workItem).parse(await files.readLines(piece));
    yield* items.slice(Math.max(0, from - piece.number));
  }
}
