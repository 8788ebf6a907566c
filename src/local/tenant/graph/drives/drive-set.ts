import type { Directory } from '../../directory/directory.ts';
import type { Site, TenantRecord, User } from '../../directory/types.ts';
import type { Seeded } from '../../seed.ts';
import { hashText } from '../seed/hash32.ts';
import { emptyDrive, fillDrive, NEWEST } from '../seed/seed-drive.ts';
import type { Drive, DriveIdentity, DriveState } from './drive.ts';
import { driveMark } from './item-id.ts';
import type { Actor } from './item-record.ts';

/** All drives of all tenants. A person's drive comes into being when somebody first asks for it. */
export interface DriveSet {
  byId(id: string): Drive | undefined;
  ofUser(user: User): Drive;
  /** The libraries of a site, the default one first. */
  ofSite(site: Site): Drive[];
  all(): Drive[];
  save(): Record<string, DriveState>;
  load(states: Record<string, DriveState>): void;
}

export interface DriveSetOptions {
  readonly items: number;
  readonly filesPerFolder: number;
}

export function createDriveSet(
  directory: Directory,
  seeded: Seeded,
  options: DriveSetOptions,
  onDrive: (drive: Drive) => void,
): DriveSet {
  const drives = new Map<string, Drive>();

  function keep(drive: Drive): Drive {
    drives.set(drive.id, drive);
    onDrive(drive);
    return drive;
  }

  function ofUser(user: User): Drive {
    const found = drives.get(user.driveId);
    if (found) return found;
    const tenant = directory.tenant(user.tenantId);
    const drive = keep(emptyDrive(seeded, personIdentity(seeded, user, tenant), { userId: user.id }));
    fillDrive(seeded, drive, authors(directory.users(user.tenantId), user.id));
    return drive;
  }

  function ofSite(site: Site): Drive[] {
    const people = siteAuthors(directory, site);
    let library = drives.get(site.driveId);
    if (!library) {
      const webUrl = `${site.webUrl}/Shared%20Documents`;
      library = keep(
        emptyDrive(seeded, libraryIdentity(seeded, site, site.driveId, 'Documents', webUrl), {}),
      );
      fillDrive(seeded, library, people);
    }
    const { bigDriveId, siteId } = directory.data.main;
    if (site.id !== siteId) return [library];
    const big = drives.get(bigDriveId);
    if (big) return [library, big];
    const identity = libraryIdentity(seeded, site, bigDriveId, 'Archive', `${site.webUrl}/Archive`);
    const { items: files, filesPerFolder } = options;
    return [library, keep(emptyDrive(seeded, identity, {}, { files, filesPerFolder, authors: people }))];
  }

  function all(): Drive[] {
    for (const user of directory.data.users) ofUser(user);
    for (const site of directory.data.sites) ofSite(site);
    return [...drives.values()];
  }

  return {
    ofUser,
    ofSite,
    all,
    byId(id) {
      const found = drives.get(id);
      if (found) return found;
      const user = directory.data.users.find((person) => person.driveId === id);
      if (user) return ofUser(user);
      return all().find((drive) => drive.id.toLowerCase() === id.toLowerCase());
    },
    save: () => Object.fromEntries([...drives].map(([id, drive]) => [id, drive.save()])),
    load(states) {
      for (const drive of all()) {
        const state = states[drive.id];
        if (state) drive.load(state);
      }
    },
  };
}

function personIdentity(seeded: Seeded, user: User, tenant: TenantRecord | undefined): DriveIdentity {
  const personal = tenant?.kind === 'personal';
  const host = tenant?.oneDriveHost ?? 'contoso-my.sharepoint.com';
  const folder = user.upn.toLowerCase().replaceAll(/[@.]/g, '_');
  const site = `${host},${seeded.guid(`collection ${user.id}`)},${seeded.guid(`web ${user.id}`)}`;
  return {
    id: user.driveId,
    tenantId: user.tenantId,
    type: personal ? 'personal' : 'business',
    name: 'OneDrive',
    webUrl: personal
      ? `https://onedrive.live.com/?cid=${user.driveId}`
      : `https://${host}/personal/${folder}/Documents`,
    ownerId: user.id,
    ...(personal ? {} : { siteId: site }),
    listId: seeded.guid(`list ${user.driveId}`),
    createdAt: NEWEST - 1000 * 86_400_000,
    mark: driveMark(hashText(user.driveId)),
  };
}

function libraryIdentity(
  seeded: Seeded,
  site: Site,
  id: string,
  name: string,
  webUrl: string,
): DriveIdentity {
  return {
    id,
    tenantId: site.tenantId,
    type: 'documentLibrary',
    name,
    webUrl,
    siteId: site.id,
    listId: seeded.guid(`list ${id}`),
    createdAt: NEWEST - 1000 * 86_400_000,
    mark: driveMark(hashText(id)),
  };
}

/** The owner first, then colleagues. */
function authors(people: readonly User[], ownerId: string): Actor[] {
  const start = Math.max(
    0,
    people.findIndex((person) => person.id === ownerId),
  );
  return [...people.slice(start), ...people.slice(0, start)].map((person) => ({ userId: person.id }));
}

function siteAuthors(directory: Directory, site: Site): Actor[] {
  const people = directory.users(site.tenantId);
  const members = people.filter((person) => person.department === site.displayName);
  return authors(people, members[0]?.id ?? '');
}
