import { AppError } from '../errors.ts';
import { deltaStart } from '../graph/delta.ts';
import {
  type DriveState,
  type InventoryKey,
  logFolder,
  noSums,
  presentShape,
  type Segment,
  type Snapshot,
  type Sums,
} from './drive-state.ts';

/** Items asked for in one page; Graph may give fewer. */
const pageSize = 1000;
/** A reader that stays silent for so long may be replaced by another run. */
const holdMs = 60_000;
/** How long an inventory that was replaced is kept: a weekly report still finds the one of the week before. */
const keptForMs = 8 * 24 * 60 * 60_000;
const mostRestarts = 5;
/** A row has room for so many; beyond that the oldest go early. */
const mostWaste = 1500;

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
    ...noSums,
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
    ...noSums,
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
    ...noSums,
    restarts: state.restarts + 1,
    waste: [...state.waste, { blob: logFolder(state), after: now }],
  };
}

/** What was read since the last save, and where to go on. */
export interface Progress {
  readonly link: string;
  /** Nothing comes after it. */
  readonly end: boolean;
  readonly sums: Sums;
  readonly segments: Segment[];
}

/** Where the feed goes on after a page. Throws `graph_error` when it doesn't. */
export function nextLinkOf(
  page: { nextLink: string | undefined; deltaLink: string | undefined; items: readonly unknown[] },
  link: string,
): string {
  const next = page.nextLink ?? page.deltaLink;
  if (next === undefined || (page.nextLink === link && page.items.length === 0)) {
    throw new AppError('graph_error', 'Microsoft Graph ended the list of changes without a way to go on.');
  }
  return next;
}

/** Further by what was read and logged. */
export function further(state: DriveState, progress: Progress, now: number): DriveState {
  return {
    ...state,
    phase: progress.end ? 'merging' : 'reading',
    link: progress.link,
    segments: progress.segments,
    ...progress.sums,
    heldUntil: now + holdMs,
  };
}

/** What the log is added to. */
export function baseOf(state: DriveState): Snapshot | undefined {
  return state.snapshot?.generation === state.generation ? state.snapshot : undefined;
}

/** All is in `snapshot`; the holder keeps its name on it, so that asking again reads nothing twice. */
export function merged(state: DriveState, snapshot: Snapshot, now: number): DriveState {
  const used = new Set(snapshot.parts.map((part) => part.blob));
  const waste = state.waste.filter(({ blob }) => !used.has(blob));
  if (state.segments.length > 0) waste.push({ blob: logFolder(state), after: now });
  for (const { blob } of state.snapshot?.parts ?? []) {
    if (!used.has(blob)) waste.push({ blob, after: now + keptForMs });
  }
  return {
    ...state,
    phase: 'current',
    snapshot,
    segments: [],
    heldUntil: 0,
    waste: waste.map((entry, index) => (index < waste.length - mostWaste ? { ...entry, after: now } : entry)),
  };
}
