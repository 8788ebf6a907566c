import { z } from 'zod';

/** How the process that runs jest tells its workers where this run keeps its files. */
export const jestRunVariable = 'GRAPH_VALET_JEST_RUN';

/** The content of `run.json` in that folder. */
export const jestRun = z.object({
  /** Connection strings of storage accounts that nobody has used, one for each claim. */
  connections: z.array(z.string()).min(1),
});
export type JestRun = z.output<typeof jestRun>;
