import type { DuckDBConnection } from '@duckdb/node-api';
import { createInTurn } from '../storage/in-turn.ts';

/** A DuckDB of its own, which forgets everything when it is closed. */
export interface Duck {
  run(sql: string): Promise<void>;
  /** Rows as objects; whole numbers as bigint. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** The one number that a query gives. */
  count(sql: string): Promise<number>;
  /** Rows in batches, in constant memory. */
  stream(sql: string): AsyncGenerator<Record<string, unknown>[]>;
}

export interface DuckOptions {
  /** A folder for what does not fit into memory. */
  readonly folder: string;
  readonly memoryLimitMb: number;
}

/**
 * Lends a DuckDB to `work` and ends it afterwards. One at a time in a process: each is bounded in memory, several would not be.
 * The native package is loaded at the first use.
 */
export function createDucks(): <T>(options: DuckOptions, work: (duck: Duck) => Promise<T>) => Promise<T> {
  const inTurn = createInTurn();
  return (options, work) => inTurn(() => lend(options, work));
}

/** Loads the native package while there is something else to wait for; what is wrong with it shows at the first use. */
export function warmDuck(): void {
  import('@duckdb/node-api').catch(() => undefined);
}

async function lend<T>({ folder, memoryLimitMb }: DuckOptions, work: (duck: Duck) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    // Two threads save a quarter of the time of one; more of them would not fit into the memory that one query may take.
    threads: '2',
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: folder,
    // Nothing is loaded from anywhere: what is needed is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    return await work(toDuck(connection));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function toDuck(connection: DuckDBConnection): Duck {
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();

  return {
    rows,
    run: async (sql) => {
      await connection.run(sql);
    },
    async count(sql) {
      const [row = {}] = await rows(sql);
      return Number(Object.values(row)[0] ?? 0);
    },
    async *stream(sql) {
      const result = await connection.stream(sql);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield chunk.getRowObjects(result.deduplicatedColumnNames());
      }
    },
  };
}

/** A text as SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Files as an argument of read_parquet or read_csv. */
export function fileList(files: readonly string[]): string {
  return `[${files.map(quoted).join(', ')}]`;
}
