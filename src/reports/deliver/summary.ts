import { html as markup } from 'hono/html';
import { countText, valueText } from '../human.ts';
import { shortName } from '../render/chart/short-name.ts';
import type { Markup } from '../render/chart/svg.ts';
import { amountText, differenceText } from '../render/figure-text.ts';
import { momentText } from '../render/html/opening.ts';
import { rowTitle } from '../render/html/row-title.ts';
import { visibleText } from '../render/visible-text.ts';
import type { ReportColumn, Row } from '../report.ts';
import type { Chart, Figure, ReportResult } from '../result.ts';
import type { DeliverySummary } from './delivery.ts';
import {
  type MailCell,
  mailBars,
  mailHeader,
  mailHeading,
  mailHint,
  mailRow,
  mailTable,
  mailWarning,
} from './mail-parts.ts';

const mostRows = 10;
const mostBars = 8;
const mostBarSigns = 40;
const mostMissing = 10;
const mostLetters = 90;
const mostSubject = 150;

/** The report in a few words. Reads its first rows, and doesn't close it. */
export async function summaryOf(result: ReportResult, { job }: { job: string }): Promise<DeliverySummary> {
  const first = await firstRows(result);
  const { title, sentences, generatedAt, changes, coverage } = result;
  const parts: Markup[] = [
    mailHeader(visibleText(title), `${momentText(generatedAt)} · job ${job}`),
    mailRow(markup`<b>${visibleText(sentences.join(' '))}</b>`),
  ];
  if (result.totals.length > 0) parts.push(mailRow(figures(result.totals)));
  if (changes)
    parts.push(mailRow([mailHeading('Changes since the last run'), mailHint(visibleText(changes.line))]));
  parts.push(mailRow(covered(result)));
  const [chart] = result.charts.flatMap((each) => (each.kind === 'lines' ? [] : [each]));
  if (chart) parts.push(mailRow(bars(chart)));
  if (first.length > 0) parts.push(mailRow(someRows(result, first)));
  return {
    subject: cut(`${title} (${job}): ${sentences[0] ?? coverage.line}`, mostSubject),
    html: (await Promise.all(parts)).join(''),
    text: plainText(result),
  };
}

async function firstRows({ rows }: ReportResult): Promise<Row[]> {
  for await (const batch of rows()) return batch.slice(0, mostRows);
  return [];
}

function figures(totals: readonly Figure[]): Markup {
  return mailTable(
    [{ text: 'In figures' }, { text: '', number: true }],
    totals.map((figure) => [
      { text: figure.title },
      { text: figureText(figure), number: true, note: differenceText(figure) },
    ]),
  );
}

const figureText = ({ value, unit }: Figure): string => (value === null ? 'none' : amountText(value, unit));

function covered({ coverage }: ReportResult): Markup {
  const { line, missing } = coverage;
  if (missing.length === 0) return mailHint(`Coverage: ${line}`);
  const some = missing
    .slice(0, mostMissing)
    .map(({ drive, reason }) => cut(`${visibleText(drive)}: ${visibleText(reason)}`, mostLetters));
  const rest = missing.length - some.length;
  const more = rest > 0 ? ` And ${countText(rest, 'drive')} more.` : '';
  return mailWarning(`Not everything was read: ${line}`, `${some.join(' ')}${more}`);
}

function bars(chart: Exclude<Chart, { kind: 'lines' }>): Markup[] {
  const rows = chart.kind === 'bars' ? chart.rows : largest(chart.rows);
  const shown = rows.slice(0, mostBars);
  const most = Math.max(...shown.map(({ value }) => Math.abs(value)));
  const rest = rows.length - shown.length;
  return [
    mailHeading(chart.title),
    mailBars(
      shown.map(({ label, value }) => ({
        label: shortName(visibleText(label), mostBarSigns),
        text: amountText(value, chart.unit),
        part: most === 0 ? 0 : Math.abs(value) / most,
      })),
    ),
    mailHint(
      rest > 0 ? `${chart.caption}. ${countText(rest, 'more is', 'more are')} in the files.` : chart.caption,
    ),
  ];
}

/** The groups of a treemap, or its areas where there is one group. */
function largest(rows: Extract<Chart, { kind: 'treemap' }>['rows']): { label: string; value: number }[] {
  const groups = new Set(rows.map(({ group }) => group)).size;
  const sums = new Map<string, number>();
  for (const { group, label, value } of rows) {
    const name = groups > 1 ? group : label;
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return [...sums].map(([label, value]) => ({ label, value })).toSorted((a, b) => b.value - a.value);
}

function someRows(result: ReportResult, rows: readonly Row[]): Markup[] {
  const { columns, rowCount } = result;
  const shown = chosen(result, rows);
  const drive = columns.findIndex(({ name }) => name === 'drive');
  const cell = (row: Row, index: number, isName: boolean): MailCell => {
    const note = isName && drive >= 0 && drive !== index ? textOf(row, drive, columns) : undefined;
    return { text: textOf(row, index, columns), number: isNumber(columns[index]), isName, note };
  };
  return [
    mailHeading(
      rowCount > rows.length ? `The first ${rows.length} of ${countText(rowCount, 'row')}` : 'Rows',
    ),
    mailTable(
      shown.map((index, place) => ({
        text: headOf(columns[index]),
        number: isNumber(columns[index]),
        isName: place === 0,
      })),
      rows.map((row) => shown.map((index, place) => cell(row, index, place === 0))),
    ),
  ];
}

function textOf(row: Row, index: number, columns: readonly ReportColumn[]): string {
  const column = columns[index];
  const text = column ? valueText(row[index] ?? null, column) : '';
  return shortName(cut(visibleText(column?.type === 'time' ? text.slice(0, 10) : text), 1_000), mostLetters);
}

const headOf = (column: ReportColumn | undefined): string => (column ? visibleText(rowTitle(column)) : '');
const isNumber = (column: ReportColumn | undefined): boolean =>
  column?.type === 'integer' || column?.type === 'decimal';

/** What names a row, and the first columns that tell most on a narrow page: numbers and short words before times. */
function chosen({ columns, label }: ReportResult, rows: readonly Row[]): number[] {
  const named = Math.max(
    0,
    columns.findIndex(({ name }) => name === label),
  );
  const rest = columns
    .map((column, index) => ({ column, index, rank: rankOf(column) }))
    .filter(({ index, rank }) => index !== named && rank !== undefined)
    .filter(({ index }) => rows.some((row) => (row[index] ?? '') !== ''))
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  let room = 3;
  const fitting = rest.filter(({ column }) => {
    room -= isNumber(column) || column.type === 'time' ? 1 : 1.5;
    return room >= 0;
  });
  return [named, ...fitting.map(({ index }) => index)];
}

/** Undefined for what says little in a mail: addresses, ids, and what the name of the row says already. */
function rankOf({ name, type }: ReportColumn): number | undefined {
  if (type === 'link' || /(^|_)(id|hash)$|^(drive|site|name|path|kind|extension)$/.test(name))
    return undefined;
  if (type === 'integer' || type === 'decimal') return 0;
  return type === 'time' ? 2 : 1;
}

function plainText({ title, sentences, totals, changes, coverage }: ReportResult): string {
  const lines = [
    title,
    sentences.join(' '),
    '',
    ...totals.map((figure) => {
      const difference = differenceText(figure);
      return `${figure.title}: ${figureText(figure)}${difference === undefined ? '' : ` (${difference})`}`;
    }),
    ...(changes ? [`Changes since the last run: ${changes.line}`] : []),
    `Coverage: ${coverage.line}`,
  ];
  return visibleText(lines.join('\n'));
}

/** Cut between signs, not inside one. */
function cut(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const signs = [...line];
  return signs.length <= most
    ? line
    : `${signs
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}
