import { isAppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { type Delivery, delivery } from './delivery-row.ts';

/** The rows of the deliveries of runs, beside the rows of their drives. */
export interface DeliveryRows {
  get(run: string, number: number): Promise<Row<Delivery> | undefined>;
  /** By number. */
  list(run: string): Promise<Row<Delivery>[]>;
  /** False when it is there already. */
  insert(value: Delivery): Promise<boolean>;
  /** Undefined when somebody else changed the row since it was read. */
  save(old: Row<Delivery>, value: Delivery): Promise<Row<Delivery> | undefined>;
}

const keptForSeconds = 90 * 24 * 60 * 60;
const prefix = 'delivery-';

export function createDeliveryRows(storage: Pick<Storage, 'table'>): DeliveryRows {
  const table = storage.table<Delivery>({
    name: 'runs',
    schema: delivery,
    expiresAt: (value) => Math.ceil(value.changedAt / 1000) + keptForSeconds,
  });

  return {
    get: (run, number) => table.get(run, keyOf(number)),

    async list(run) {
      const found: Row<Delivery>[] = [];
      const range = { partition: run, from: prefix, before: 'delivery.' };
      for await (const row of table.list(range)) found.push(row);
      return found;
    },

    async insert(value) {
      try {
        await table.insert(value.run, keyOf(value.number), value);
        return true;
      } catch (error) {
        if (isAppError(error, 'conflict')) return false;
        throw error;
      }
    },

    async save(old, value) {
      try {
        return await table.replace(old, value);
      } catch (error) {
        if (isAppError(error, 'precondition_failed') || isAppError(error, 'not_found')) return undefined;
        throw error;
      }
    },
  };
}

function keyOf(number: number): string {
  return `${prefix}${String(number).padStart(6, '0')}`;
}
