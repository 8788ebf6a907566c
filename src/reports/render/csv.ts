import type { ReportColumn, Value } from '../report.ts';
import type { ReportResult } from '../result.ts';
import { gatherText } from './gather-text.ts';
import type { Renderer } from './renderer.ts';

/**
 * RFC 4180 with the names of the columns first. It begins with a byte order mark, because Excel takes a CSV without one for
 * the code page of the machine and shows umlauts as rubbish, while DuckDB, pandas (utf-8-sig), Power Query and Sheets skip it.
 * Times are ISO 8601 in UTC, numbers have a point and no grouping; what is missing is an empty field, and an empty text is `""`.
 */
export const csv: Renderer = {
  format: 'csv',
  contentType: 'text/csv; charset=utf-8',
  extension: 'csv',
  render: (result) => gatherText(lines(result)),
};

async function* lines({ columns, rows }: ReportResult): AsyncGenerator<string> {
  yield `\uFEFF${columns.map(({ name }) => field(name)).join(',')}\r\n`;
  const quote = columns.map(mayBeFormula);
  for await (const batch of rows()) {
    let text = '';
    for (const row of batch) {
      text += row.map((value, index) => cell(value, quote[index] ?? true)).join(',');
      text += '\r\n';
    }
    yield text;
  }
}

/** Numbers and times are ours; a text was written by anybody who can name a file. */
function mayBeFormula({ type }: ReportColumn): boolean {
  return type === 'text' || type === 'link';
}

function cell(value: Value, text: boolean): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' && text ? field(value) : String(value);
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe in front and quotes around (OWASP, CSV injection): it begins
 * with one of the signs, also after blanks that spreadsheets drop, or in their wide form, which some of them read as the same.
 */
function field(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return special.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const formula = /^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;
const special = /[",\r\n;\t]|^$|^\s|\s$/u;
