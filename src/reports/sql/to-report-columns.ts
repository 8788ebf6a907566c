import type { ColumnType, ViewColumn } from '../columns.ts';
import type { ReportColumn, ValueType } from '../report.ts';

export interface AnswerColumn {
  readonly report: ReportColumn;
  readonly table: ViewColumn;
}

const types: Readonly<Record<string, readonly [ValueType, ColumnType]>> = {
  BOOLEAN: ['boolean', 'BOOLEAN'],
  FLOAT: ['decimal', 'DOUBLE'],
  DOUBLE: ['decimal', 'DOUBLE'],
  DECIMAL: ['decimal', 'DOUBLE'],
  DATE: ['time', 'TIMESTAMP'],
};
const meaning = 'as the query gives it';

/** The columns of an answer by the types that DuckDB tells; what is no cell (a list, a structure) is a text. */
export function toReportColumns(columns: readonly { name: string; type: string }[]): AnswerColumn[] {
  return columns.map(({ name, type }) => {
    const [value, table] = typesOf(type);
    return { report: { name, title: name, type: value, meaning }, table: { name, type: table, meaning } };
  });
}

function typesOf(type: string): readonly [ValueType, ColumnType] {
  const known = types[type.replace(/\(.*/, '')];
  if (/[[\]]$/.test(type)) return ['text', 'VARCHAR'];
  if (known) return known;
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return ['integer', 'BIGINT'];
  return type.startsWith('TIMESTAMP') ? ['time', 'TIMESTAMP'] : ['text', 'VARCHAR'];
}
