import { countText } from '../../human.ts';
import type { Value } from '../../report.ts';
import type { ReportResult } from '../../result.ts';
import { cutNotice } from '../cut-notice.ts';
import type { RenderMeta } from '../renderer.ts';
import { cellXml, columnLetters } from './cells.ts';
import { type SheetCount, sheetRowLimit } from './rows-sheet.ts';
import { type Style, style } from './styles.ts';

type Line = readonly (readonly [value: Value, look?: Style] | undefined)[];

/** The sheet that says what the rows are: coverage, totals, changes, parameters, what the columns mean, what was cut. */
export function aboutSheet(
  result: ReportResult,
  meta: RenderMeta,
  count: SheetCount,
  active: boolean,
): string {
  const lines = [...opening(result, meta, count), ...totals(result), ...changes(result), ...details(result)];
  const rows = lines.map((line, row) => {
    const cells = line.map((cell, column) =>
      cell ? cellXml(`${columnLetters(column)}${row + 1}`, cell[0], cell[1] ?? style.wrapped) : '',
    );
    return `<row r="${row + 1}">${cells.join('')}</row>`;
  });
  return (
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView showGridLines="0"${active ? ' tabSelected="1"' : ''} workbookViewId="0"/></sheetViews>` +
    '<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="1" width="34" customWidth="1"/><col min="2" max="2" width="60" customWidth="1"/><col min="3" max="4" width="40" customWidth="1"/></cols>' +
    `<sheetData>${rows.join('')}</sheetData></worksheet>`
  );
}

const gap: Line = [];
const heading = (text: string): Line[] => [gap, [[text, style.bold]]];
const pair = (name: string, value: Value, look: Style = style.wrapped): Line => [
  [name, style.plain],
  [value, look],
];

function opening(result: ReportResult, meta: RenderMeta, count: SheetCount): Line[] {
  const { coverage, sentences } = result;
  const partial = coverage.missing.length > 0;
  const reason =
    count.rows >= sheetRowLimit - 1
      ? 'a sheet takes no more'
      : 'the sheet would pass the size that Excel opens';
  const notes = [
    cutNotice(count.rows, result.rowCount, reason),
    count.shortened > 0
      ? `${countText(count.shortened, 'text')} longer than a cell takes (32,767 characters): cut there, with an ellipsis.`
      : undefined,
  ].flatMap((note) => (note === undefined ? [] : [note]));
  return [
    [[result.title, style.title]],
    [[result.summary, style.plain]],
    gap,
    ...sentences.map((sentence): Line => [[sentence, style.plain]]),
    ...(sentences.length > 0 ? [gap] : []),
    pair('Made (UTC)', result.generatedAt, style.time),
    ...(meta.job === undefined ? [] : [pair('Job', meta.job)]),
    ...(meta.url === undefined ? [] : [pair('Run', meta.url)]),
    pair('Rows', result.rowCount, style.whole),
    pair('Coverage', coverage.line, partial ? style.warning : style.wrapped),
    ...(coverage.readAt === null ? [] : [pair('Oldest reading (UTC)', coverage.readAt, style.time)]),
    ...notes.map((note) => pair('Cut', note, style.warning)),
    ...result.limits.map((limit) => pair('Not seen', limit)),
    ...(partial ? heading('Drives that were not read') : []),
    ...coverage.missing.map(({ drive, outcome, reason }): Line => [[drive], [reason], [outcome]]),
  ];
}

function totals({ totals }: ReportResult): Line[] {
  if (totals.length === 0) return [];
  const look = (unit: string, value: number | null) =>
    unit === 'percent' ? style.percent : Number.isInteger(value) ? style.whole : style.decimal;
  const compared = totals.some(({ before }) => before !== undefined);
  return [
    ...heading('Totals'),
    [
      ['Figure', style.muted],
      ['Value', style.muted],
      ['Unit', style.muted],
      ...(compared ? [['Last run', style.muted] as const] : []),
    ],
    ...totals.map(
      ({ title, unit, value, before }): Line => [
        [title],
        [value, look(unit, value)],
        [unit],
        ...(before === undefined ? [] : [[before, look(unit, before)] as const]),
      ],
    ),
  ];
}

function changes({ changes }: ReportResult): Line[] {
  if (!changes) return [];
  return [
    ...heading('Changes since the last run'),
    [[changes.line, style.plain]],
    ...changes.some.map(
      ({ kind, label, fields }): Line => [
        [kind],
        [label],
        [fields.map(({ title, before, after }) => `${title}: ${before} → ${after}`).join('; ')],
      ],
    ),
  ];
}

function details({ parameters, columns }: ReportResult): Line[] {
  return [
    ...(parameters.length > 0 ? heading('Asked with') : []),
    ...parameters.map(({ name, value, meaning }): Line => [[name], [value], [meaning]]),
    ...heading('Columns'),
    ...columns.map(({ title, meaning, name }): Line => [[title], [meaning], [name, style.muted]]),
  ];
}
