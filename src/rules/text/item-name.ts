const forbidden = /["*:<>?/\\|]/;
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9]|desktop\.ini|\.lock)$/i;

/** What OneDrive and SharePoint have against a name, in words; undefined when they take it. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'is empty or made of dots';
  if (name.length > 255) return 'is longer than 255 characters';
  if (forbidden.test(name) || hasControlCharacter(name))
    return 'has one of the characters " * : < > ? / \\ |';
  if (name !== name.trim() || name.endsWith('.')) return 'begins or ends with a space, or ends with a period';
  if (reserved.test(name) || name.toLowerCase().includes('_vti_') || name.startsWith('~$')) {
    return 'is a name that SharePoint keeps for itself';
  }
  return undefined;
}

function hasControlCharacter(name: string): boolean {
  return [...name].some((character) => (character.codePointAt(0) ?? 0) < 32);
}

/** `report.final.docx` is `report.final` and `docx`; `.profile` and `README` have no extension. */
export function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.');
  return dot <= 0
    ? { stem: name, extension: '' }
    : { stem: name.slice(0, dot), extension: name.slice(dot + 1) };
}

/** True for `wanted` itself and for what Graph makes of it when the name is taken: `a 1.docx`, `a (1).docx`. */
export function isNumbered(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  const given = splitName(name);
  const asked = splitName(wanted);
  if (given.extension !== asked.extension || !given.stem.startsWith(asked.stem)) return false;
  return /^(?: \d{1,4}| \(\d{1,4}\))$/.test(given.stem.slice(asked.stem.length));
}
