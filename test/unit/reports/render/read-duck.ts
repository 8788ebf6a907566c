import { DuckDBInstance, type JS } from '@duckdb/node-api';

export type { JS };

/** A DuckDB of its own, without anything of the product. */
export async function openDuckDb<R>(
  work: (ask: (query: string) => Promise<JS[][]>) => Promise<R>,
): Promise<R> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(async (query) => (await connection.runAndReadAll(query)).getRowsJS());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
