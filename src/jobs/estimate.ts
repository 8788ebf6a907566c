import type { JobDefinition } from './job.ts';
import type { JobRows } from './job-rows.ts';
import type { RunRows } from './run-rows.ts';

/** What a run would cost, as far as that is known. */
export interface JobEstimate {
  /** Resource units. */
  readonly units: number;
  /** Of the budget that Microsoft gives the app in that tenant. */
  readonly minutes?: number | undefined;
  readonly drives?: number | undefined;
  readonly items?: number | undefined;
  /** False: the drives were not read yet, so that this is the least it can be. */
  readonly known: boolean;
  /** For people. */
  readonly text: string;
}

export function createEstimate(_deps: {
  readonly jobs: JobRows;
  readonly rows: RunRows;
}): (job: { readonly name?: string; readonly definition: JobDefinition }) => Promise<JobEstimate> {
  return async () => ({ units: 0, known: false, text: '' });
}
