/** Why a name is refused, in the words of the inner error code. */
export type NameFault = 'invalidPath' | 'pathIsTooLong';

const FORBIDDEN = /["*:<>?/\\|]/;
const RESERVED = /^(\.lock|con|prn|aux|nul|com[0-9]|lpt[0-9]|desktop\.ini)$/i;

/** Checks one name against the rules of OneDrive and SharePoint; undefined when it's fine. */
export function nameFault(name: string, folder: boolean, business: boolean): NameFault | undefined {
  if (name.length > 255) return 'pathIsTooLong';
  if (name === '' || name !== name.trim() || name.endsWith('.')) return 'invalidPath';
  if (FORBIDDEN.test(name) || hasControlCharacter(name)) return 'invalidPath';
  if (RESERVED.test(name) || name.startsWith('~$') || name.toLowerCase().includes('_vti_'))
    return 'invalidPath';
  if (business && folder && name.startsWith('~')) return 'invalidPath';
  return undefined;
}

/** `a.txt` -> `a 1.txt`, counting on until `taken` says no. */
export function freeName(name: string, taken: (candidate: string) => boolean): string {
  if (!taken(name)) return name;
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot) : '';
  for (let count = 1; ; count++) {
    const candidate = `${stem} ${count}${extension}`;
    if (!taken(candidate)) return candidate;
  }
}

function hasControlCharacter(name: string): boolean {
  for (let index = 0; index < name.length; index++) if (name.charCodeAt(index) < 32) return true;
  return false;
}
