import type { ReportColumn, Row, Value } from '../../report.ts';
import type { ReportResult } from '../../result.ts';
import { headingOf } from '../heading.ts';
import { cellXml, columnLetters, textLimit, xmlText } from './cells.ts';
import { type Style, style } from './styles.ts';
import { zipEntryLimit } from './zip.ts';

/** Rows of a sheet, the header among them. */
export const sheetRowLimit = 1_048_576;
/** Excel opens a sheet with more addresses as damaged. */
const linkLimit = 65_000;
const sheetByteLimit = zipEntryLimit - 64 * 1024 * 1024;

/** What became of the rows; complete once the sheet was written. */
export interface SheetCount {
  rows: number;
  /** Texts that were longer than a cell takes. */
  shortened: number;
  readonly links: string[];
}

export const emptyCount = (): SheetCount => ({ rows: 0, shortened: 0, links: [] });

/** The sheet of rows: typed cells under a header that stays, with a filter. Ends at what Excel takes. */
export async function* rowsSheet(
  { columns, rows }: Pick<ReportResult, 'columns' | 'rows'>,
  count: SheetCount,
  active: boolean,
): AsyncGenerator<string> {
  const batches = rows()[Symbol.asyncIterator]();
  try {
    let batch = await batches.next();
    yield head(columns, batch.done ? [] : batch.value, active);
    let bytes = 0;
    const references: string[] = [];
    for (; !batch.done; batch = await batches.next()) {
      const room = sheetRowLimit - 1 - count.rows;
      const xml = rowsXml(columns, batch.value.slice(0, room), count, references);
      bytes += Buffer.byteLength(xml);
      yield xml;
      if (batch.value.length >= room || bytes > sheetByteLimit) break;
    }
    yield foot(columns, count.rows + 1, references);
  } finally {
    await batches.return?.();
  }
}

function head(columns: readonly ReportColumn[], sample: readonly Row[], active: boolean): string {
  const widths = columns.map(
    (column, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${widthOf(column, sample, index)}" customWidth="1"/>`,
  );
  const header = columns.map((column, index) =>
    cellXml(`${columnLetters(index)}1`, headingOf(column), style.header),
  );
  return (
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheetViews><sheetView${active ? ' tabSelected="1"' : ''} workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/>' +
    `</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${widths.join('')}</cols><sheetData><row r="1" ht="32" customHeight="1">${header.join('')}</row>`
  );
}

/** In characters: what the first rows need, within bounds that keep a sheet readable. */
function widthOf(column: ReportColumn, sample: readonly Row[], index: number): number {
  if (column.type === 'time') return 17;
  const longest = sample.slice(0, 200).reduce((most, row) => Math.max(most, shownLength(row[index])), 0);
  const title = Math.ceil(headingOf(column).length / (column.type === 'text' ? 1 : 1.6));
  return Math.min(60, Math.max(10, longest + 2, title + 3));
}

function shownLength(value: Value | undefined): number {
  return typeof value === 'number' ? value.toLocaleString('en-US').length : String(value ?? '').length;
}

function rowsXml(
  columns: readonly ReportColumn[],
  batch: readonly Row[],
  count: SheetCount,
  references: string[],
): string {
  let xml = '';
  for (const row of batch) {
    count.rows += 1;
    const number = count.rows + 1;
    xml += `<row r="${number}">`;
    columns.forEach((column, index) => {
      const value = row[index];
      const at = `${columnLetters(index)}${number}`;
      if (typeof value === 'string' && value.length > textLimit) count.shortened += 1;
      const link = column.type === 'link' && isAddress(value) && count.links.length < linkLimit;
      if (link) {
        count.links.push(value);
        references.push(`<hyperlink ref="${at}" r:id="rId${count.links.length}"/>`);
      }
      xml += cellXml(at, value, link ? style.link : lookOf(column));
    });
    xml += '</row>';
  }
  return xml;
}

function lookOf({ type, unit }: ReportColumn): Style {
  if (unit === 'percent') return style.percent;
  if (type === 'integer') return style.whole;
  if (type === 'decimal') return style.decimal;
  return type === 'time' ? style.time : style.plain;
}

/** Excel repairs a workbook by force when an address is longer or odd. */
function isAddress(value: Value | undefined): value is string {
  return (
    typeof value === 'string' &&
    value.length <= 2_000 &&
    /^https?:\/\/[^\s<>"]+$/i.test(value) &&
    URL.canParse(value)
  );
}

function foot(columns: readonly ReportColumn[], lastRow: number, references: readonly string[]): string {
  const filter =
    columns.length > 0 ? `<autoFilter ref="A1:${columnLetters(columns.length - 1)}${lastRow}"/>` : '';
  const links = references.length > 0 ? `<hyperlinks>${references.join('')}</hyperlinks>` : '';
  return `</sheetData>${filter}${links}</worksheet>`;
}

/** The addresses that the cells of a sheet point to. */
export function linksXml(links: readonly string[]): string {
  const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink';
  const each = links.map(
    (link, index) =>
      `<Relationship Id="rId${index + 1}" Type="${type}" Target="${xmlText(link)}" TargetMode="External"/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each.join('')}</Relationships>`;
}
