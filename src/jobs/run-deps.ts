import type { Connections } from '../broker/connections.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Ports } from '../ports.ts';
import type { Gathering } from '../reports/gather/gathering.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { Queue } from '../storage/queue.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { JobRows } from './job-rows.ts';
import type { Run } from './run.ts';
import type { RunMessage } from './run-message.ts';
import type { RunRows } from './run-rows.ts';

/** What the steps of a run work with. */
export interface RunDeps {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly queue: Queue<RunMessage>;
  readonly inventory: Inventory;
  readonly gathering: Gathering;
  readonly deliveries: Pick<Deliveries, 'start'>;
  readonly graphFor: GraphFor;
  readonly connections: Pick<Connections, 'get'>;
  /** The container `reports`: files for people. */
  readonly blobs: Blobs;
  /** The container `history`: the rows of the newest report of each job, for the next one to be compared with. */
  readonly history: Blobs;
  /** Where this app is, without a slash at the end. */
  readonly publicUrl: string;
  /** For files in the making. */
  readonly tempDir: string;
  readonly ports: Ports;
  /** Once a run is over, whatever it came to, or only delivers: the next one of its job may begin. */
  onOver(run: Run): Promise<void>;
}
