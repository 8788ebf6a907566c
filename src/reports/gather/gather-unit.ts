import type { GraphClient } from '../../graph/graph-client.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { LocalFiles } from '../../inventory/snapshot-files.ts';
import type { FilesOf, GatherFiles } from './gather-files.ts';
import type { GatherState } from './gather-state.ts';
import type { GatherTask } from './gather-task.ts';
import type { QuotaHistory } from './quota-history.ts';

/** What the steps of one unit work with. */
export interface GatherUnitContext {
  readonly task: GatherTask;
  /** Counts its calls. */
  readonly client: GraphClient;
  readonly files: GatherFiles;
  readonly local: LocalFiles;
  readonly inventory: Pick<Inventory, 'open'>;
  readonly history: QuotaHistory;
  readonly clock: () => number;
  readonly deadline: number;
  /** Name of this unit, which its files bear. */
  readonly unit: string;
  readonly of: FilesOf;
  /** All that this state says is saved: when Graph asks to wait now, the unit ends with it. */
  reached(state: GatherState): void;
}

export interface StepProgress {
  readonly state: GatherState;
  /** Nothing is left of this step. */
  readonly over: boolean;
}

/** Goes on with one step until it is over or the deadline has come. */
export type GatherWork = (unit: GatherUnitContext, state: GatherState) => Promise<StepProgress>;

export function isTime({ clock, deadline }: GatherUnitContext): boolean {
  return clock() >= deadline;
}

/** One more of `what` that could not be read, for this reason. */
export function withMissed(state: GatherState, what: string, count = 1): GatherState {
  return { ...state, missed: { ...state.missed, [what]: (state.missed[what] ?? 0) + count } };
}
