import { html } from 'hono/html';
import { valueText } from '../../human.ts';
import type { ReportColumn, Row, Value } from '../../report.ts';
import type { ReportResult } from '../../result.ts';
import type { Markup } from '../chart/svg.ts';
import { cutNotice } from '../cut-notice.ts';
import { visibleText } from '../visible-text.ts';
import { isWebAddress } from '../web-address.ts';
import { rowTitle } from './row-title.ts';

/** More make a browser slow, and nobody reads them. */
export const pageRowLimit = 5_000;
/** A page is opened by mail programs and phones too. */
const pageByteLimit = 12 * 1024 * 1024;

/** The table of rows, a batch at a time. */
export async function* rowsSection({
  columns,
  rows,
  rowCount,
}: Pick<ReportResult, 'columns' | 'rows' | 'rowCount'>): AsyncGenerator<Markup | string> {
  const expected = Math.min(rowCount, pageRowLimit);
  yield html`<section class="card"><h2 id="rows">Rows</h2><p class="hint">${
    cutNotice(expected, rowCount, 'a page with more would be slow') ?? 'All of them are on this page.'
  }</p>`;
  if (rowCount === 0) {
    yield html`<p class="none">Nothing was found. That is a result too: the coverage above says where was looked.</p></section>`;
    return;
  }
  yield html`<div class="tools" hidden><label class="find">Find in rows <input type="search" autocomplete="off" spellcheck="false"></label><label class="order">Sort by <select><option value="">as the report does</option></select></label><output aria-live="polite"></output></div><div class="scroll" role="region" aria-labelledby="rows" tabindex="0"><table class="rows"><thead><tr>${columns.map(heading)}</tr></thead><tbody>`;
  let count = 0;
  let bytes = 0;
  for await (const batch of rows()) {
    const text = String(
      await html`${batch.slice(0, pageRowLimit - count).map((row) => rowMarkup(columns, row))}`,
    );
    yield text;
    count += Math.min(batch.length, pageRowLimit - count);
    bytes += text.length;
    if (count >= pageRowLimit || bytes > pageByteLimit) break;
  }
  yield html`</tbody></table></div><p class="none nothing" hidden>No row holds these words.</p><button class="more" type="button" hidden></button>${
    count < expected
      ? html`<p class="hint">${cutNotice(count, rowCount, 'the page would be too large') ?? ''}</p>`
      : ''
  }</section>`;
}

function heading(column: ReportColumn): Markup {
  const { type, meaning } = column;
  const numbers = type === 'integer' || type === 'decimal' || type === 'time';
  return html`<th scope="col" title="${visibleText(meaning)}"${numbers ? html` data-first` : ''}>${visibleText(rowTitle(column))}</th>`;
}

function rowMarkup(columns: readonly ReportColumn[], row: Row): Markup {
  return html`<tr>${columns.map((column, index) => cellMarkup(column, row[index] ?? null))}</tr>
`;
}

function cellMarkup(column: ReportColumn, value: Value): Markup {
  if (value === null) return html`<td></td>`;
  if (value instanceof Date)
    return html`<td data-v="${value.getTime()}">${valueText(value, column).replace(' UTC', '')}</td>`;
  if (typeof value === 'number') return html`<td data-v="${value}">${valueText(value, column)}</td>`;
  if (typeof value === 'boolean') return html`<td>${valueText(value, column)}</td>`;
  if (column.type === 'link' && isWebAddress(value))
    return html`<td><a href="${value.toWellFormed()}" target="_blank" rel="noopener noreferrer">Open</a></td>`;
  return html`<td>${visibleText(value)}</td>`;
}
