const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The id that SharePoint gives an item: 34 characters made of a mark of its drive and its GUID. */
export function toItemId(mark: string, guid: string): string {
  let bits = BigInt(`0x${guid.replaceAll('-', '')}`) << 2n;
  let text = '';
  for (let index = 0; index < 26; index++) {
    text = `${DIGITS[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return `01${mark}${text}`;
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
