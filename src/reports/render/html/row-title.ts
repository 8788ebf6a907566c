import type { ReportColumn } from '../../report.ts';
import { headingOf } from '../heading.ts';

/** The title of a column on a page: cells bring their units, except times, which are all UTC, and days. */
export function rowTitle(column: ReportColumn): string {
  return column.type === 'time' || column.unit === 'days' ? headingOf(column) : column.title;
}
