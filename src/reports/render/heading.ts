import type { ReportColumn } from '../report.ts';

/** The title of a column with its unit, for files whose cells show bare numbers: `Size (bytes)`. */
export function headingOf({ title, type, unit }: ReportColumn): string {
  const note =
    type === 'time' ? 'UTC' : unit === 'bytes' || unit === 'percent' || unit === 'days' ? unit : undefined;
  return note === undefined || title.toLowerCase().includes(note.toLowerCase())
    ? title
    : `${title} (${note})`;
}
