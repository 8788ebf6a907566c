import type { Connection } from '../broker/connection.ts';
import type { JobTarget } from '../reports/gather/target.ts';

/** Permissions that let do what the named one lets do. */
const wider: Readonly<Record<string, readonly string[]>> = {
  'Files.Read.All': ['Files.ReadWrite.All', 'Sites.Read.All', 'Sites.ReadWrite.All', 'Sites.FullControl.All'],
  'Files.ReadWrite.All': ['Sites.ReadWrite.All', 'Sites.FullControl.All'],
  'Sites.Read.All': ['Sites.ReadWrite.All', 'Sites.Manage.All', 'Sites.FullControl.All'],
  'Sites.ReadWrite.All': ['Sites.Manage.All', 'Sites.FullControl.All'],
  'User.Read.All': ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'GroupMember.Read.All': [
    ...['GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All'],
    ...['Directory.Read.All', 'Directory.ReadWrite.All'],
  ],
  'Directory.Read.All': ['Directory.ReadWrite.All'],
  'Application.Read.All': ['Application.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
};

/** What a person's own rights narrow anyway: a right to the own files will do. */
const widerForPeople: Readonly<Record<string, readonly string[]>> = {
  'Files.Read.All': ['Files.Read', 'Files.ReadWrite'],
  'Files.ReadWrite.All': ['Files.ReadWrite'],
};

/** What finding the drives of a target takes. */
export const targetNeeds: Readonly<Record<JobTarget['kind'], readonly string[]>> = {
  drive: [],
  user: [],
  site: ['Sites.Read.All'],
  group: ['GroupMember.Read.All'],
  all_sites: ['Sites.Read.All'],
  all_drives: ['User.Read.All'],
};

/** Reports are made without these, and tell less: Graph answers who may open an item, and who there is, with less. */
const helpful: ReadonlySet<string> = new Set(['Sites.FullControl.All', 'AuditLog.Read.All']);

/** Whether a report is made without the permission. */
export function isHelpfulOnly(permission: string): boolean {
  return helpful.has(permission);
}

const sites: ReadonlySet<JobTarget['kind']> = new Set(['site', 'all_sites']);

/**
 * Those of `needs` that a connection has neither itself nor by a wider one. What reports need on sites counts for sites, and for apps: what
 * a person sees of a drive is narrowed by their own rights, not by the permission.
 */
export function lackingPermissions(
  needs: readonly string[],
  { kind, scopes }: Pick<Connection, 'kind' | 'scopes'>,
  target: JobTarget['kind'] | undefined,
): string[] {
  const has = new Set(scopes.map((scope) => scope.slice(scope.lastIndexOf('/') + 1)));
  const people = kind === 'user';
  return [...new Set(needs)].filter((need) => {
    if (need === 'Sites.Read.All' && target !== undefined && !sites.has(target)) return false;
    if (need.startsWith('Sites.') && people) return false;
    const enough = [need, ...(wider[need] ?? []), ...(people ? (widerForPeople[need] ?? []) : [])];
    return !enough.some((permission) => has.has(permission));
  });
}
