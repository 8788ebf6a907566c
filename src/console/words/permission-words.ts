/** An application permission of Microsoft Graph, as a person can judge it. */
export interface PermissionWords {
  readonly name: string;
  /** What it allows, in plain words; undefined for a permission that we have no words for. */
  readonly allows: string | undefined;
}

const words: Readonly<Record<string, string>> = {
  'Files.Read.All': 'Read all files in every OneDrive and document library',
  'Files.ReadWrite.All': 'Read, change, create and delete all files in every OneDrive and document library',
  'Sites.Read.All': 'Read all SharePoint sites, their lists and pages',
  'Sites.ReadWrite.All': 'Read, change, create and delete content in all SharePoint sites',
  'Sites.Manage.All': 'Create, change and delete lists and libraries in all SharePoint sites',
  'Sites.FullControl.All': 'Full control of all SharePoint sites, including who has access',
  'Sites.Selected': 'Only those SharePoint sites that an administrator names one by one',
  'User.Read.All': 'Read the profiles of all people in the organisation',
  'Group.Read.All': 'Read all groups, their members and their content',
  'GroupMember.Read.All': 'Read all groups and their members',
  'Directory.Read.All': 'Read the directory: people, groups, apps and devices',
  'Organization.Read.All': 'Read the name and the settings of the organisation',
  'Reports.Read.All': 'Read usage reports of Microsoft 365',
  'AuditLog.Read.All': 'Read sign-in and audit logs',
  'Mail.Send': 'Send mail as any person in the organisation',
};

/** Those that the form offers with a tick, the first two ticked already. */
export const offeredPermissions = [
  'Files.Read.All',
  'Sites.Read.All',
  'Files.ReadWrite.All',
  'Sites.ReadWrite.All',
  'User.Read.All',
] as const;

export const defaultPermissions: readonly string[] = ['Files.Read.All', 'Sites.Read.All'];

export function permissionWords(name: string): PermissionWords {
  return { name, allows: Object.hasOwn(words, name) ? words[name] : undefined };
}

/**
 * What a set of permissions does not give. Says nothing at all when one of them is a permission that we have no words
 * for: a promise must be certain.
 */
export function notIncluded(permissions: readonly string[]): string[] {
  if (permissions.some((name) => permissionWords(name).allows === undefined)) return [];
  const among = (pattern: RegExp) => permissions.some((name) => pattern.test(name));

  const missing: string[] = [];
  if (!among(/^(Files|Sites)\.(ReadWrite|Manage|FullControl|Selected)/)) {
    missing.push('It cannot change, move, share or delete files.');
  }
  // Groups carry conversations and calendars of their own.
  if (!among(/^(Mail|Group)\./)) missing.push('It gets no mail, no calendars and no chats.');
  missing.push('It cannot change people, groups, roles or settings of the organisation.');
  missing.push('It never sees a password and cannot sign in as a person.');
  return missing;
}
