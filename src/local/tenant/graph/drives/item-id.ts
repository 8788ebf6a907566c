const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const CODES = Buffer.from(DIGITS, 'latin1');
const MARK = 8;
const LENGTH = 34;
const written = Buffer.alloc(LENGTH);

/** The id that SharePoint gives an item: 34 characters made of a mark of its drive and its GUID in base 32. */
export function toItemId(mark: string, guid: string): string {
  written.write(`01${mark}`, 'latin1');
  let at = MARK;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < guid.length; index++) {
    const code = guid.charCodeAt(index);
    if (code === HYPHEN) continue;
    bits = (bits << 4) | hexDigit(code);
    held += 4;
    if (held < 5) continue;
    held -= 5;
    written[at] = CODES[bits >> held] ?? 0;
    at += 1;
    bits &= (1 << held) - 1;
  }
  written[at] = CODES[bits << (5 - held)] ?? 0;
  return written.toString('latin1');
}

const HYPHEN = 0x2d;
const NINE = 0x39;

/** Of `0`–`9`, `a`–`f` and `A`–`F`. */
function hexDigit(code: number): number {
  return code <= NINE ? code & 15 : (code & 7) + 9;
}

/** The six characters that ids of one drive have in common. */
export function driveMark(number: number): string {
  let rest = number;
  let text = '';
  for (let index = 0; index < 6; index++) {
    text += DIGITS[rest & 31];
    rest >>>= 5;
  }
  return text;
}
