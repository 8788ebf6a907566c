import { fold } from './glob.ts';
import { nameProblem } from './item-name.ts';

/** Folders are written from the root of the drive: `/`, `/Inbox`, `/Filed/2026`. No slash at the end. */
export function toFolder(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return `/${parts.join('/')}`;
}

/** What is wrong with a folder that somebody wrote, in words; undefined when it is fine. */
export function folderProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must begin with / (the root of the drive)';
  if (path.length > 400) return 'must have at most 400 characters';
  for (const part of segmentsOf(path)) {
    const problem = nameProblem(part);
    if (problem) return `has a part that ${problem}`;
  }
  return undefined;
}

export function segmentsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

export function sameFolder(a: string, b: string): boolean {
  return fold(toFolder(a)) === fold(toFolder(b));
}

/** True when `folder` is `ancestor` or lies below it. */
export function isWithin(folder: string, ancestor: string): boolean {
  const inner = segmentsOf(fold(folder));
  return segmentsOf(fold(ancestor)).every((part, i) => inner[i] === part);
}

export function joinFolder(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** `root` or `root:/Filed/2026` + `suffix`, percent-encoded by segment, for an address below /drives/{id}/. */
export function rootAddress(folder: string, suffix = ''): string {
  const parts = segmentsOf(folder).map(encodeURIComponent);
  if (parts.length === 0) return `root${suffix}`;
  return suffix === '' ? `root:/${parts.join('/')}` : `root:/${parts.join('/')}:${suffix}`;
}
