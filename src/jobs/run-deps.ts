import type { Connections } from '../broker/connections.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Ports } from '../ports.ts';
import type { createUploadSessions } from '../reports/deliver/upload-session.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { Queue } from '../storage/queue.ts';
import type { RunMessage } from './run-message.ts';
import type { RunRows } from './run-rows.ts';

/** What the steps of a run work with. */
export interface RunDeps {
  readonly rows: RunRows;
  readonly queue: Queue<RunMessage>;
  readonly inventory: Inventory;
  readonly graphFor: GraphFor;
  readonly connections: Pick<Connections, 'get'>;
  /** The container `reports`. */
  readonly blobs: Blobs;
  readonly sessions: ReturnType<typeof createUploadSessions>;
  readonly ports: Ports;
}

/** A unit of work ends by itself after this time, and what is left is another message. */
export const unitMs = 60_000;

/** This worker is a late one: somebody else does the same work, or ended it. Its message is dropped. */
export class LateWorker extends Error {}

/** The row that was saved; throws `LateWorker` when somebody else was faster. */
export function orLate<R>(saved: R | undefined): R {
  if (saved === undefined) throw new LateWorker('another worker has this run');
  return saved;
}
