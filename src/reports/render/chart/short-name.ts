const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A name of at most so many signs: of a long one the middle goes, because the end of a path says most. */
export function shortName(text: string, most: number): string {
  const signs = [...segmenter.segment(text)].map(({ segment }) => segment);
  if (signs.length <= most) return text;
  const head = Math.floor((most - 1) / 3);
  return `${signs.slice(0, head).join('').trimEnd()}…${signs
    .slice(signs.length - (most - 1 - head))
    .join('')
    .trimStart()}`;
}
