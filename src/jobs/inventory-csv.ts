import { Readable } from 'node:stream';
import type { InventoryRow } from '../inventory/inventory-item.ts';

const columns = {
  path: (row: InventoryRow) => row.path,
  name: (row: InventoryRow) => row.name,
  kind: (row: InventoryRow) => row.kind,
  'size (bytes)': (row: InventoryRow) => row.size,
  'created (UTC)': (row: InventoryRow) => row.createdAt,
  'created by': (row: InventoryRow) => row.createdBy,
  'modified (UTC)': (row: InventoryRow) => row.modifiedAt,
  'modified by': (row: InventoryRow) => row.modifiedBy,
  shared: (row: InventoryRow) => row.shared,
  hash: (row: InventoryRow) => row.hash,
  address: (row: InventoryRow) => row.webUrl,
  id: (row: InventoryRow) => row.id,
};

export interface CsvStream {
  readonly stream: Readable;
  /** Rows so far; all of them once the stream has ended. */
  rows(): number;
}

/** A CSV (RFC 4180, UTF-8 with byte order mark, so that Excel reads it) of the rows, in constant memory. */
export function inventoryCsv(rows: AsyncIterable<InventoryRow>): CsvStream {
  let count = 0;

  async function* pieces(): AsyncGenerator<Buffer> {
    let text = `\uFEFF${Object.keys(columns).map(cell).join(',')}\r\n`;
    for await (const row of rows) {
      count += 1;
      text += `${Object.values(columns)
        .map((value) => cell(value(row)))
        .join(',')}\r\n`;
      if (text.length >= 65_536) {
        yield Buffer.from(text);
        text = '';
      }
    }
    yield Buffer.from(text);
  }

  return { stream: Readable.from(pieces(), { objectMode: false }), rows: () => count };
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection). */
export function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
