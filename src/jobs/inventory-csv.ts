import { Readable } from 'node:stream';
import { type Duck, fileList } from '../inventory/duck.ts';

const columns: Readonly<Record<string, string>> = {
  path: 'path',
  name: 'name',
  kind: 'kind',
  'size (bytes)': 'size',
  'created (UTC)': 'created_at',
  'created by': 'created_by',
  'modified (UTC)': 'modified_at',
  'modified by': 'modified_by',
  shared: 'shared_scope',
  hash: 'hash',
  address: 'web_url',
  id: 'item_id',
};

export interface CsvStream {
  readonly stream: Readable;
  /** Rows so far; all of them once the stream has ended. */
  rows(): number;
}

/** A CSV (RFC 4180, UTF-8 with byte order mark, so that Excel reads it) of inventories, in constant memory. */
export function inventoryCsv(duck: Duck, files: readonly string[]): CsvStream {
  let count = 0;
  const names = Object.values(columns).map((name) =>
    name === 'size' ? name : `CAST(${name} AS VARCHAR) AS ${name}`,
  );
  const query = `SELECT ${names.join(', ')} FROM read_parquet(${fileList(files)}) WHERE kind <> 'root'`;

  async function* pieces(): AsyncGenerator<Buffer> {
    let text = `\uFEFF${Object.keys(columns).map(cell).join(',')}\r\n`;
    for await (const rows of duck.stream(query)) {
      for (const row of rows) text += `${Object.values(row).map(cell).join(',')}\r\n`;
      count += rows.length;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  }

  return { stream: Readable.from(pieces(), { objectMode: false }), rows: () => count };
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection). */
export function cell(value: unknown): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
