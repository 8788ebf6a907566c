import type { VerifiedToken } from '../../http/route.ts';
import { faults } from '../errors.ts';

/** What a call wants to do with files. */
export type Want = 'read' | 'write';

const READ_ALL = ['Files.Read.All', 'Sites.Read.All'];
const WRITE_ALL = ['Files.ReadWrite.All', 'Sites.ReadWrite.All', 'Sites.Manage.All', 'Sites.FullControl.All'];
const READ_OWN = ['Files.Read', 'Files.ReadWrite'];
const WRITE_OWN = ['Files.ReadWrite'];

/** Delegated scopes or application roles, whichever the token carries. */
export function permissionsOf(token: VerifiedToken): readonly string[] {
  return token.kind === 'user' ? token.scopes : token.roles;
}

export function holdsAny(token: VerifiedToken, names: readonly string[]): boolean {
  const held = permissionsOf(token);
  return names.some((name) => held.includes(name));
}

/** Whether the token's permissions cover files in general; an own drive needs less. Rights of the person aside. */
export function coversFiles(token: VerifiedToken, want: Want, own: boolean): boolean {
  if (holdsAny(token, want === 'read' ? [...READ_ALL, ...WRITE_ALL] : WRITE_ALL)) return true;
  return own && token.kind === 'user' && holdsAny(token, want === 'read' ? READ_OWN : WRITE_OWN);
}

/** Refuses a files call without any permission that could cover it. */
export function requireFiles(token: VerifiedToken, names: readonly string[]): void {
  if (!holdsAny(token, names)) throw faults.denied();
}

/** Refuses a directory call, in the directory's words. */
export function requireDirectory(token: VerifiedToken, names: readonly string[]): void {
  if (!holdsAny(token, names)) throw faults.directoryDenied();
}

export const SITES_READ = [
  'Sites.Read.All',
  'Sites.ReadWrite.All',
  'Sites.Manage.All',
  'Sites.FullControl.All',
];
