import type { Blobs } from '../storage/blobs.ts';
import { type DriveState, partsFolder } from './drive-state.ts';

type Waste = DriveState['waste'];

/**
 * Removes the blobs whose time has come, and what killed workers of this round left beside the parts that count. Gives what is left
 * to remove later; the same list when there was nothing to do. A kill in between leaves the list longer than need be, no harm.
 */
export async function sweepWaste(blobs: Blobs, state: DriveState, now: number): Promise<Waste> {
  const used = new Set(state.snapshot?.parts.map((part) => part.blob));
  for await (const { name } of blobs.list(partsFolder(state))) {
    if (!used.has(name)) await blobs.remove(name);
  }
  const due = state.waste.filter(({ after }) => after <= now);
  if (due.length === 0) return state.waste;
  for (const { blob } of due) {
    if (!blob.endsWith('/')) await blobs.remove(blob);
    else for await (const { name } of blobs.list(blob)) await blobs.remove(name);
  }
  return state.waste.filter((entry) => !due.includes(entry));
}
