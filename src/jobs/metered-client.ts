import type { GraphClient, GraphFor } from '../graph/graph-client.ts';
import { createMeter } from '../graph/meter.ts';

/** What a unit of work has cost so far. */
export interface Spent {
  /** Calls of Graph, those that were tried again included. */
  calls(): number;
  /** Resource units. */
  units(): number;
}

export interface MeteredClient extends Spent {
  readonly client: GraphClient;
}

/** A connection's Graph for a unit of a run, and what it costs. */
export async function meteredClient(graphFor: GraphFor, connectionId: string): Promise<MeteredClient> {
  const meter = createMeter();
  const client = await graphFor(connectionId, 'reports', meter);
  return { client, calls: () => meter.calls, units: () => meter.units };
}
