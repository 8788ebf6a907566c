import type { GraphClient } from '../../graph/graph-client.ts';
import type { Snapshot } from '../../inventory/inventory.ts';
import type { ViewName } from '../columns.ts';
import type { BudgetRow, ReportSources, RuleRow, SubscriptionRow } from '../data/sources.ts';
import type { GatherState } from './gather-state.ts';
import type { PlannedDrive } from './planned-drive.ts';

/** A drive of the run; open ones have a snapshot when the run's reports ask what is in them. */
export interface GatherDrive {
  readonly drive: PlannedDrive;
  readonly snapshot?: Snapshot | undefined;
  /** The inventory before, which changes are told against. */
  readonly previous?: Snapshot | undefined;
}

export interface GatherTask {
  readonly runId: string;
  /** What the run's reports ask: nothing else is gathered. */
  readonly views: readonly ViewName[];
  readonly client: GraphClient;
  readonly tenantId: string;
  /** Always in the same order. */
  readonly drives: readonly GatherDrive[];
  /** Versions are read of so many of the largest files; 500 unless given. */
  readonly versionsOf?: number | undefined;
}

export interface GatherUnit {
  readonly state: GatherState;
  readonly done: boolean;
  /** Calls of Graph in this unit; a batch counts as one. */
  readonly calls: number;
}

/** Brings to a report what an inventory doesn't hold. */
export interface Gathering {
  /**
   * One unit of gathering, until the deadline (ms since 1970); `undefined` begins. Save the state, then ask again while it is not
   * done. What was read is in the container before the state names it. Throws `throttled` with `retryAfter` only when the unit got
   * nowhere at all. What may not be read is said in the report, but where nothing else was asked for: then it throws `forbidden`.
   */
  unit(task: GatherTask, state: GatherState | undefined, deadline: number): Promise<GatherUnit>;
  /**
   * What the reports of the run are made of, on this machine until it is closed: inventories, and what was gathered. Throws
   * `not_found` when a file is kept no longer.
   */
  open(
    task: GatherTask,
    state: GatherState,
  ): Promise<{ readonly sources: Partial<ReportSources>; close(): Promise<void> }>;
  /** Removes the files of runs that are kept no longer; gives how many. */
  sweep(): Promise<number>;
}

/** What this installation knows of itself: for the report on its health. */
export interface OwnFigures {
  subscriptions(tenantId: string): Promise<readonly SubscriptionRow[]>;
  rules(tenantId: string): Promise<readonly RuleRow[]>;
  budgets(tenantId: string): Promise<readonly BudgetRow[]>;
}
