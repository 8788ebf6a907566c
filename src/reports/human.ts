import type { ReportColumn, Value } from './report.ts';

const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as OneDrive says them: `1.4 GB` is 1.4 times 1024^3. */
export function bytesText(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  const shown = bytes < 0 ? -value : value;
  return `${shown.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit]}`;
}

/** `1 file`, `2,000 files`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** A cell as people read it: bytes with a unit, times to the minute in UTC. */
export function valueText(value: Value, { type, unit }: Pick<ReportColumn, 'type' | 'unit'>): string {
  if (value === null) return '';
  if (value instanceof Date) return `${value.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return value;
  if (unit === 'bytes') return bytesText(value);
  const shown = value.toLocaleString('en-US', { maximumFractionDigits: type === 'decimal' ? 1 : 0 });
  return unit === 'percent' ? `${shown} %` : shown;
}
