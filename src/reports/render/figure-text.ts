import { bytesText, valueText } from '../human.ts';
import type { Figure } from '../result.ts';

/** A number with its unit as a chart or a total shows it: `1.8 TB`, `12.5 %`, `40 days`, `412,006`. */
export function amountText(value: number, unit: string): string {
  const shown = valueText(value, { type: Number.isInteger(value) ? 'integer' : 'decimal', unit });
  return unit === 'days' ? `${shown} ${shown === '1' ? 'day' : 'days'}` : shown;
}

/** What became of a figure since the last run: `▲ 12 GB since last run`; undefined when there was none. */
export function differenceText({ value, before, unit }: Figure): string | undefined {
  if (before === undefined || before === null || value === null) return undefined;
  const difference = value - before;
  if (difference === 0) return 'as in the last run';
  const sign = difference > 0 ? '▲' : '▼';
  const size = Math.abs(difference);
  const shown =
    unit === 'bytes'
      ? bytesText(size)
      : unit === 'percent'
        ? `${size.toLocaleString('en-US', { maximumFractionDigits: 1 })} points`
        : amountText(size, unit);
  return `${sign} ${shown} since last run`;
}

/** A part of a whole: `12 %`, `< 1 %`. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) return '';
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 1 ? '< 1 %' : `${Math.round(percent)} %`;
}
