import type { Value } from '../../report.ts';
import { type Style, style } from './styles.ts';

/** Characters that Excel takes in one cell. */
export const textLimit = 32_767;

/** Text of an XML element or attribute. What XML can't hold is written as Excel escapes it, `_x0007_`. */
export function xmlText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(forbidden, (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .toWellFormed()
    .replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const forbidden = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** `A`, `Z`, `AA`: the name of a column that is counted from 0. */
export function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

/** One `<c>` with the type of its value; a text is never a formula. */
export function cellXml(at: string, value: Value | undefined, look: Style): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return `<c r="${at}" s="${look}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'number')
    return Number.isFinite(value) ? `<c r="${at}" s="${look}"><v>${value}</v></c>` : '';
  if (value instanceof Date) {
    const serial = serialOf(value);
    return serial === undefined
      ? textXml(at, value.toISOString(), style.plain)
      : `<c r="${at}" s="${look}"><v>${serial}</v></c>`;
  }
  return textXml(at, value.length > textLimit ? `${value.slice(0, textLimit - 1)}…` : value, look);
}

function textXml(at: string, text: string, look: Style): string {
  return `<c r="${at}" s="${look}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

/** Days since 1899-12-30; undefined before March 1900, where Excel counts a day that never was, and after 9999. */
function serialOf(date: Date): number | undefined {
  const serial = date.getTime() / 86_400_000 + 25_569;
  return serial >= 61 && serial < 2_958_466 ? serial : undefined;
}
