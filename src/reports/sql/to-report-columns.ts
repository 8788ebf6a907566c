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
  const taken = new Set<string>();
  return columns.map((column) => {
    const name = freeName(column.name, taken);
    const [type, table] = typesOf(column.type);
    const isSize = type !== 'text' && /(^|_)(bytes|size)$/i.test(name);
    const report = { name, title: name, type, meaning, ...(isSize ? { unit: 'bytes' } : {}) };
    return { report, table: { name, type: table, meaning } };
  });
}

/** Two columns of a table have different names, whatever their case. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}_${number}`;
  taken.add(free.toLowerCase());
  return free;
}

function typesOf(type: string): readonly [ValueType, ColumnType] {
  if (type.endsWith(']')) return ['text', 'VARCHAR'];
  const known = types[type.replace(/\(.*/, '')];
  if (known) return known;
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return ['integer', 'BIGINT'];
  return type.startsWith('TIMESTAMP') ? ['time', 'TIMESTAMP'] : ['text', 'VARCHAR'];
}
