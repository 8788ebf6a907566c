import type { Drive } from '../drives/drive.ts';
import type { ItemRecord, PermissionRecord } from '../drives/item-record.ts';
import type { GraphContext } from '../graph-context.ts';
import { createItemView } from './item-view.ts';

/** All permissions of an item: the owner's, its own, and what it inherits from folders above. */
export function permissionsOfItem(context: GraphContext, drive: Drive, record: ItemRecord): object[] {
  const shown = (record.extras?.permissions ?? []).map((entry) => permissionJson(context, drive, entry));
  for (const id of drive.ancestors(record)) {
    const folder = drive.items.any(id);
    for (const entry of folder?.extras?.permissions ?? []) {
      shown.push({ ...permissionJson(context, drive, entry), inheritedFrom: inheritedFrom(drive, id) });
    }
  }
  const root = drive.rootId === record.id ? {} : { inheritedFrom: inheritedFrom(drive, drive.rootId) };
  const { ownerId } = drive;
  if (ownerId !== undefined) {
    const owner: PermissionRecord = {
      id: `owner-${ownerId.slice(-8)}`,
      roles: ['owner'],
      userId: ownerId,
      granted: drive.createdAt,
      grantedBy: {},
    };
    shown.push({ ...permissionJson(context, drive, owner), ...root });
  }
  for (const group of siteGroups(context, drive)) shown.push({ ...group, ...root });
  return shown;
}

/** Owners, members and visitors of the site that holds a library. */
function siteGroups(context: GraphContext, drive: Drive): object[] {
  const site = context.directory.data.sites.find(({ id }) => id === drive.siteId);
  if (!site || drive.type !== 'documentLibrary') return [];
  return SITE_GROUPS.map(([kind, id, role]) => {
    const displayName = `${site.displayName} ${kind}`;
    const siteGroup = { displayName, id, loginName: displayName };
    return {
      id: Buffer.from(displayName).toString('base64url'),
      roles: [role],
      grantedToV2: { siteGroup },
      grantedTo: { user: { displayName } },
    };
  });
}

const SITE_GROUPS = [
  ['Owners', '3', 'owner'],
  ['Members', '5', 'write'],
  ['Visitors', '4', 'read'],
] as const;

/** One permission in the shape of the API. */
export function permissionJson(context: GraphContext, drive: Drive, entry: PermissionRecord): object {
  const expires =
    entry.expires === undefined
      ? {}
      : { expirationDateTime: `${new Date(entry.expires).toISOString().slice(0, 19)}Z` };
  const base = { id: entry.id, roles: entry.roles, ...expires };
  const grantee = granteeOf(context, entry);
  if (entry.link) {
    const { type, scope, webUrl, preventsDownload } = entry.link;
    const people = scope === 'users' && grantee ? [grantee] : [];
    return {
      ...base,
      shareId: `u!${Buffer.from(webUrl).toString('base64url')}`,
      hasPassword: entry.hasPassword ?? false,
      ...(scope === 'anonymous' ? {} : { grantedToIdentitiesV2: people, grantedToIdentities: people }),
      link: { type, scope, webUrl, preventsDownload },
    };
  }
  if (entry.appId !== undefined) {
    const app = context.directory.application(entry.appId);
    const application = { id: entry.appId, displayName: app?.displayName ?? 'Application' };
    return { ...base, grantedToV2: { application }, grantedTo: { application } };
  }
  const user = grantee?.user ?? { displayName: 'Unknown' };
  const siteUser = {
    id: String((entry.granted % 90) + 10),
    displayName: user.displayName,
    loginName: `i:0#.f|membership|${user.email ?? ''}`,
  };
  const invitation =
    entry.email === undefined ? {} : { invitation: { email: entry.email, signInRequired: true } };
  const v2 = drive.type === 'personal' ? { user } : { user, siteUser };
  return { ...base, grantedToV2: v2, grantedTo: { user }, ...invitation };
}

interface Grantee {
  readonly user: { readonly id?: string; readonly displayName: string; readonly email?: string };
}

function granteeOf(context: GraphContext, entry: PermissionRecord): Grantee | undefined {
  const user = context.directory.data.users.find(({ id }) => id === entry.userId);
  if (user) return { user: { id: user.id, displayName: user.displayName, email: user.mail } };
  if (entry.email !== undefined) return { user: { displayName: entry.email, email: entry.email } };
  return undefined;
}

function inheritedFrom(drive: Drive, folderId: string): object {
  const nothing = (): string => '{}';
  const view = createItemView({ drive, mode: 'item', identity: nothing, downloadUrl: nothing });
  const path = view.pathOf(folderId);
  return {
    driveId: drive.id,
    id: folderId,
    path: `/drives/${drive.id}/root:${path === '' ? '' : `/${path}`}`,
  };
}
