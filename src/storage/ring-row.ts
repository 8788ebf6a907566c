import type { StorageClients } from './clients.ts';
import { type RingState, ringStateSchema } from './ring-state.ts';
import { createTable, type Row } from './table.ts';

/** The one row of the ring; none before the first rotation: then the newest version of the secret seals. */
export interface RingRow {
  read(): Promise<Row<RingState> | undefined>;
  /** Throws `conflict` or `precondition_failed` when somebody else was faster. */
  write(old: Row<RingState> | undefined, state: RingState): Promise<Row<RingState>>;
}

export function createRingRow(clients: StorageClients): RingRow {
  const table = createTable(clients, { name: 'keys', schema: ringStateSchema });
  return {
    read: () => table.get('ring', 'state'),
    write: (old, state) => (old ? table.replace(old, state) : table.insert('ring', 'state', state)),
  };
}
