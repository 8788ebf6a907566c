/**
 * Patterns of policies. A text without `*` is compared exactly. `*` stands for one or more characters other than `/` and
 * `:`, so that it never reaches beyond the part of a subject that it was written for; every other character, `.`, `|`
 * and `?` too, stands for itself.
 */
export function matchesText(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const wanted = pattern.split(separators);
  const given = text.split(separators);
  return (
    wanted.length === given.length && wanted.every((part, index) => matchesPart(part, given[index] ?? ''))
  );
}

/** True when one of the patterns fits. */
export function matchesAny(patterns: string | readonly string[], text: string): boolean {
  return typeof patterns === 'string'
    ? matchesText(patterns, text)
    : patterns.some((pattern) => matchesText(pattern, text));
}

/** Why this can't be a pattern, or undefined: a star needs a letter or digit beside it, and there is no `**`. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.includes('**')) return 'has two stars in a row; one stands for a part between / and :';
  if (pattern.includes('*') && !/[a-z0-9]/i.test(pattern)) return 'would fit nearly everything';
  return undefined;
}

/** The separators are parts of their own, so that they are compared too. */
const separators = /([/:])/;

/** Leftmost first is enough: within a part the next star takes up whatever is left over. */
function matchesPart(pattern: string, text: string): boolean {
  const literals = pattern.split('*');
  const first = literals[0] ?? '';
  if (literals.length === 1) return first === text;
  const last = literals.at(-1) ?? '';
  if (!text.startsWith(first)) return false;
  let end = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = text.indexOf(literal, end + 1);
    if (found < 0) return false;
    end = found + literal.length;
  }
  return text.endsWith(last) && text.length - last.length > end;
}
