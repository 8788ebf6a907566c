const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** About how wide a text is in pixels, on the safe side: the fonts of the reader are not known. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const sign of text) width += widthOf(sign);
  return width * size;
}

function widthOf(sign: string): number {
  if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uff00-\uff60]/u.test(
      sign,
    )
  )
    return /[0-9#*]/.test(sign) ? 0.6 : 1.1;
  if (/[ilj.,:;'|!()[\] ]/.test(sign)) return 0.36;
  return /[mwMW@%]|\p{Lu}/u.test(sign) ? 0.78 : 0.58;
}

/** As much of a text as fits, with an ellipsis where it was cut; empty when less than three signs would be left. */
export function fitText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const signs = [...segmenter.segment(text)].map(({ segment }) => segment);
  let fitting = '';
  let count = 0;
  for (const sign of signs) {
    if (textWidth(`${fitting}${sign}…`, size) > width) break;
    fitting += sign;
    count += 1;
  }
  return count < 3 ? '' : `${fitting.trimEnd()}…`;
}
