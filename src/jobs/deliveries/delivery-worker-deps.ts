import type { GraphFor } from '../../graph/graph-client.ts';
import type { Post } from '../../outbound/post.ts';
import type { Ports } from '../../ports.ts';
import type { createUploadSessions } from '../../reports/deliver/upload-session.ts';
import type { Blobs } from '../../storage/blobs.ts';
import type { Queue } from '../../storage/queue.ts';
import type { DeliveryMessage } from './delivery-message.ts';
import type { Delivery } from './delivery-row.ts';
import type { DeliveryRows } from './delivery-rows.ts';
import type { Parcels } from './parcels.ts';

export interface DeliveryWorkerDeps {
  readonly rows: DeliveryRows;
  readonly queue: Queue<DeliveryMessage>;
  readonly parcels: Parcels;
  /** The container `reports`. */
  readonly blobs: Blobs;
  container(name: string): Blobs;
  readonly graphFor: GraphFor;
  readonly sessions: ReturnType<typeof createUploadSessions>;
  secret(name: string): Promise<string | undefined>;
  readonly post: Post;
  readonly ports: Ports;
  /** Told when every delivery of a run is over; may be told more than once, also after a person began one again. */
  over(run: string, deliveries: readonly Delivery[]): Promise<void>;
}
