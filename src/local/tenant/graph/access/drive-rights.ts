import type { Directory } from '../../directory/directory.ts';
import type { VerifiedToken } from '../../http/route.ts';
import type { Drive } from '../drives/drive.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import { coversFiles, holdsAny, type Want } from './permission-names.ts';
import type { SiteGrants } from './site-grants.ts';

/** Decides who may do what with files: the token's permissions first, then the person's own rights. */
export interface DriveRights {
  /** The whole drive. */
  onDrive(token: VerifiedToken, drive: Drive, want: Want): boolean;
  /** One item; what was shared with a person counts, on the item itself or on a folder above. */
  onItem(token: VerifiedToken, drive: Drive, record: ItemRecord, want: Want): boolean;
  /** Throws 403, or 404 where the token's tenant doesn't have this drive at all. */
  requireItem(token: VerifiedToken, drive: Drive, record: ItemRecord, want: Want): void;
}

const ORDINARY = ['read', 'write', 'owner', 'fullcontrol'];

export function createDriveRights(
  directory: Directory,
  grants: SiteGrants,
  clock: () => number,
): DriveRights {
  /** The permission that the application holds: everywhere, or for the site of this drive (Sites.Selected). */
  function permitted(token: VerifiedToken, drive: Drive, want: Want): boolean {
    if (token.tenantId !== drive.tenantId) return false;
    if (drive.type === 'personal' && token.kind === 'app') return false;
    const own = drive.ownerId === token.oid;
    if (coversFiles(token, want, own)) return true;
    if (drive.siteId === undefined || !holdsAny(token, ['Sites.Selected'])) return false;
    const roles = grants.rolesOf(drive.siteId, token.appId);
    return roles.some((role) =>
      want === 'read' ? ORDINARY.includes(role) : role !== 'read' && ORDINARY.includes(role),
    );
  }

  function personRights(token: VerifiedToken, drive: Drive): boolean {
    if (drive.ownerId !== undefined) return drive.ownerId === token.oid;
    const site = directory.data.sites.find((candidate) => candidate.id === drive.siteId);
    const person = directory.user(token.tenantId, token.oid);
    return person !== undefined && (person.admin || person.department === site?.displayName);
  }

  function sharedWith(token: VerifiedToken, record: ItemRecord, want: Want): boolean {
    return (record.extras?.permissions ?? []).some((permission) => {
      if (permission.userId !== token.oid) return false;
      if (permission.expires !== undefined && permission.expires <= clock()) return false;
      return want === 'read' || permission.roles.some((role) => role === 'write' || role === 'owner');
    });
  }

  const onDrive: DriveRights['onDrive'] = (token, drive, want) =>
    permitted(token, drive, want) && (token.kind === 'app' || personRights(token, drive));

  const onItem: DriveRights['onItem'] = (token, drive, record, want) => {
    if (!permitted(token, drive, want)) return false;
    if (token.kind === 'app' || personRights(token, drive)) return true;
    if (sharedWith(token, record, want)) return true;
    return drive.ancestors(record).some((id) => {
      const folder = drive.items.any(id);
      return folder !== undefined && sharedWith(token, folder, want);
    });
  };

  return {
    onDrive,
    onItem,
    requireItem(token, drive, record, want) {
      if (token.tenantId !== drive.tenantId) throw faults.notFound();
      if (!onItem(token, drive, record, want)) throw faults.denied();
    },
  };
}
