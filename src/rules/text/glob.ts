/**
 * True when `name` fits `pattern`: `*` stands for any run of characters, `?` for one, everything else for itself.
 * Case does not count, as in OneDrive and SharePoint. Two pointers instead of a regular expression, so that no pattern
 * can make it slow.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const wanted = [...fold(pattern)];
  const given = [...fold(name)];
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < given.length) {
    if (wanted[p] === '*') {
      star = p;
      resume = n;
      p += 1;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      n = resume;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p += 1;
  return p === wanted.length;
}

/** Names are compared without case and in one Unicode form: a Mac sends `é` as two characters. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
