import type { DuckDBAppender, DuckDBConnection, DuckDBInstance, DuckDBResult, JS } from '@duckdb/node-api';
import type { ColumnType, ViewColumn } from '../columns.ts';
import type { Row, Value } from '../report.ts';
import { identifier, type Sql, sql } from './sql.ts';
import { toValue } from './to-value.ts';

type Api = typeof import('@duckdb/node-api');

/** A DuckDB of one report. */
export interface ReportDuck {
  run(query: Sql): Promise<void>;
  rows(query: Sql): Promise<Row[]>;
  objects(query: Sql): Promise<Record<string, Value>[]>;
  /** Rows in batches, in constant memory; several at a time are possible. */
  stream(query: Sql): AsyncGenerator<Row[]>;
  /** The same with the names and types of its columns, which are told before the first row. */
  open(query: Sql): Promise<OpenQuery>;
  /** Makes a table of values, which are in the order of the columns. Times are milliseconds since 1970. */
  table(name: string, columns: readonly ViewColumn[], rows: CellRows): Promise<void>;
  /** Stops what is running now; it throws. */
  interrupt(): void;
  close(): void;
}

export interface OpenQuery {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly batches: AsyncIterable<Row[]>;
}

type CellRows = Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>;

export type Cell = string | number | boolean | null | undefined;

export interface DuckOptions {
  /** A database file; in memory unless given. */
  readonly file?: string;
  /** For what does not fit into memory. */
  readonly folder: string;
  readonly memoryLimitMb: number;
  /** Reads only, reaches no file and lets nothing be set: for SQL that users write. */
  readonly locked?: boolean;
}

/** Loads the native package at the first use. */
export async function openDuck(options: DuckOptions): Promise<ReportDuck> {
  const api = await import('@duckdb/node-api');
  const instance = await api.DuckDBInstance.create(options.file ?? ':memory:', {
    // One thread: two take twice the buffers and save a quarter of the time.
    threads: '1',
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: options.folder,
    max_temp_directory_size: '4GB',
    // Nothing is loaded from anywhere: what is needed is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(options.locked
      ? { access_mode: 'READ_ONLY', enable_external_access: 'false', lock_configuration: 'true' }
      : {}),
  });
  return toDuck(api, instance, await instance.connect());
}

function toDuck(api: Api, instance: DuckDBInstance, main: DuckDBConnection): ReportDuck {
  const toRows = (rows: readonly JS[][]): Row[] => rows.map((row) => row.map(toValue));
  const open = new Set([main]);
  const connection = async () => {
    const more = await instance.connect();
    open.add(more);
    return more;
  };

  const openQuery = async (query: Sql): Promise<OpenQuery> => {
    const own = await connection();
    const done = () => {
      if (open.delete(own)) own.closeSync();
    };
    try {
      const result = await own.stream(query.text);
      const types = result.columnTypes();
      const columns = result
        .deduplicatedColumnNames()
        .map((name, index) => ({ name, type: String(types[index] ?? 'VARCHAR') }));
      return { columns, batches: batchesOf(result, done) };
    } catch (error) {
      done();
      throw error;
    }
  };
  async function* batchesOf(result: DuckDBResult, done: () => void): AsyncGenerator<Row[]> {
    try {
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield toRows(chunk.convertRows(api.JSDuckDBValueConverter));
      }
    } finally {
      done();
    }
  }

  return {
    async run(query) {
      await main.run(query.text);
    },
    async rows(query) {
      return toRows((await main.runAndReadAll(query.text)).getRowsJS());
    },
    async objects(query) {
      const result = await main.runAndReadAll(query.text);
      const names = result.deduplicatedColumnNames();
      return toRows(result.getRowsJS()).map((row) =>
        Object.fromEntries(row.map((value, index) => [names[index] ?? '', value])),
      );
    },
    async *stream(query) {
      yield* (await openQuery(query)).batches;
    },
    open: openQuery,
    async table(name, columns, rows) {
      const shape = columns.map((column) => `${identifier(column.name).text} ${column.type}`);
      await main.run(sql`CREATE TABLE ${identifier(name)} (${{ text: shape.join(', ') }})`.text);
      const appender = await main.createAppender(name);
      for await (const row of rows) {
        columns.forEach((column, index) => {
          append(api, appender, { type: column.type, value: row[index] });
        });
        appender.endRow();
      }
      appender.closeSync();
    },
    interrupt() {
      for (const each of open) each.interrupt();
    },
    close() {
      for (const each of open) each.closeSync();
      open.clear();
      instance.closeSync();
    },
  };
}

function append(api: Api, to: DuckDBAppender, { type, value }: { type: ColumnType; value: Cell }): void {
  if (value === null || value === undefined) to.appendNull();
  else if (type === 'VARCHAR') to.appendVarchar(String(value));
  else if (type === 'BOOLEAN') to.appendBoolean(value === true);
  else if (type === 'DOUBLE') to.appendDouble(Number(value));
  else if (type === 'INTEGER') to.appendInteger(Number(value));
  else if (type === 'BIGINT') to.appendBigInt(BigInt(Math.round(Number(value))));
  else to.appendTimestamp(new api.DuckDBTimestampValue(BigInt(Math.round(Number(value))) * 1000n));
}
