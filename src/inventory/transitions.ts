import { AppError } from '../errors.ts';
import { deltaStart } from '../graph/delta.ts';
import {
  type DriveState,
  type InventoryKey,
  pagesFolder,
  presentShape,
  type Segment,
  type Snapshot,
} from './drive-state.ts';

/** Items asked for in one page; Graph may give fewer. */
const pageSize = 1000;
/** A reader that stays silent for so long may be replaced by another run. */
const holdMs = 60_000;
/** A snapshot that was replaced may still be read by a run. */
const graceMs = 60 * 60_000;
const mostRestarts = 5;

export interface Holder {
  readonly holder: string;
  readonly now: number;
}

/** A drive that was never read. */
export function freshState(key: InventoryKey, { holder, now }: Holder): DriveState {
  return {
    ...key,
    shape: presentShape,
    generation: 1,
    round: 1,
    phase: 'reading',
    link: deltaStart(key.driveId, { top: pageSize }),
    segments: [],
    pages: 0,
    changes: 0,
    holder,
    heldUntil: now + holdMs,
    restarts: 0,
    waste: [],
  };
}

/** Takes the drive over: goes on where a reading stopped, or begins the next one at the deltaLink. */
export function takeOver(state: DriveState, by: Holder): DriveState {
  const held = { ...state, holder: by.holder, heldUntil: by.now + holdMs };
  if (state.shape !== presentShape)
    return { ...startAgain(held, by, undefined), shape: presentShape, restarts: 0 };
  if (state.phase !== 'current') return held;
  return {
    ...held,
    phase: 'reading',
    round: state.round + 1,
    segments: [],
    pages: 0,
    changes: 0,
    restarts: 0,
  };
}

/** Reads from the start as a new generation; what was read so far counts for nothing. Throws `graph_error` when that has no end. */
export function startAgain(state: DriveState, { now }: Holder, location: string | undefined): DriveState {
  if (state.restarts >= mostRestarts) {
    throw new AppError(
      'graph_error',
      `Microsoft Graph asked ${mostRestarts} times to read this drive from the start, so it was left. Run the job again later.`,
    );
  }
  return {
    ...state,
    generation: state.generation + 1,
    round: state.round + 1,
    phase: 'reading',
    link: location ?? deltaStart(state.driveId, { top: pageSize }),
    segments: [],
    pages: 0,
    changes: 0,
    restarts: state.restarts + 1,
    waste: [...state.waste, { blob: pagesFolder(state), after: now }],
  };
}

/** One page further; `segments` holds its blob if it had any change. */
export function pageRead(
  state: DriveState,
  page: { nextLink: string | undefined; deltaLink: string | undefined; changes: number; segments: Segment[] },
  now: number,
): DriveState {
  const link = page.nextLink ?? page.deltaLink;
  if (link === undefined || (page.nextLink === state.link && page.changes === 0)) {
    throw new AppError('graph_error', 'Microsoft Graph ended the list of changes without a way to go on.');
  }
  return {
    ...state,
    phase: page.nextLink === undefined ? 'merging' : 'reading',
    link,
    segments: page.segments,
    pages: state.pages + 1,
    changes: state.changes + page.changes,
    heldUntil: now + holdMs,
  };
}

/** What the pages are added to. */
export function baseOf(state: DriveState): Snapshot | undefined {
  return state.snapshot?.generation === state.generation ? state.snapshot : undefined;
}

/** All is in `snapshot`; the holder keeps its name on it, so that asking again reads nothing twice. */
export function merged(state: DriveState, snapshot: Snapshot, now: number): DriveState {
  const old = state.snapshot;
  const waste = [...state.waste];
  if (state.segments.length > 0) waste.push({ blob: pagesFolder(state), after: now });
  if (old && old.blob !== snapshot.blob) waste.push({ blob: old.blob, after: now + graceMs });
  return { ...state, phase: 'current', snapshot, segments: [], heldUntil: 0, waste };
}
