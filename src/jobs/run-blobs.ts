import type { Run } from './run.ts';

/** In the container `history`: the rows of a report, for the next run to be compared with. */
export function historyBlob({ job, id }: Pick<Run, 'job' | 'id'>): string {
  return `${job}/${id}.parquet`;
}

/** In the container `reports`: the report in a few words, until it is handed over. */
export function summaryBlob({ job, id }: Pick<Run, 'job' | 'id'>): string {
  return `${job}/${id}/summary.json`;
}
