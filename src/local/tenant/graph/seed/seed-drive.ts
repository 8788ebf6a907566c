import type { Seeded } from '../../seed.ts';
import { createDrive, type Drive, type DriveIdentity } from '../drives/drive.ts';
import { toItemId } from '../drives/item-id.ts';
import type { Actor, ItemExtras, ItemRecord, PermissionRecord } from '../drives/item-record.ts';
import { createSyntheticTree } from '../drives/synthetic-tree.ts';
import { hashText } from './hash32.ts';
import { type SeedEntry, seedEntries } from './person-files.ts';

/** Nothing generated is newer than this (epoch ms). */
export const NEWEST = Date.parse('2026-11-01T00:00:00Z');

/** A drive with its root only, or on top of `files` computed files. */
export function emptyDrive(
  seeded: Seeded,
  identity: DriveIdentity,
  owner: Actor,
  big?: { files: number; filesPerFolder: number; authors: readonly Actor[] },
): Drive {
  const guid = seeded.guid(`root ${identity.id}`);
  const id = identity.type === 'personal' ? `${identity.id}!101` : toItemId(identity.mark, guid);
  const times = stampTimes(identity.createdAt, identity.createdAt);
  const root: ItemRecord = {
    ...{
      id,
      guid,
      parentId: undefined,
      name: 'root',
      kind: 'folder',
      size: 0,
      revision: 1,
      contentRevision: 0,
    },
    ...times,
    createdBy: owner,
    modifiedBy: owner,
  };
  if (!big) return createDrive(identity, root);
  const { files, filesPerFolder, authors } = big;
  const seed = hashText(`${seeded.seed} ${identity.id}`);
  const { mark } = identity;
  const shape = { seed, files, filesPerFolder, rootId: id, mark, authors, newest: NEWEST };
  return createDrive(identity, root, createSyntheticTree(shape));
}

/** Puts the believable files of a person or site into an empty drive. `people`: the owner first. */
export function fillDrive(seeded: Seeded, drive: Drive, people: readonly Actor[]): void {
  const kind = drive.type === 'personal' ? 'personal' : drive.type === 'business' ? 'person' : 'site';
  const entries = seedEntries(hashText(`${seeded.seed} ${drive.id}`), NEWEST, kind);
  for (const [number, entry] of entries.entries())
    drive.items.put(toRecord(seeded, drive, people, entry, number));
}

function toRecord(
  seeded: Seeded,
  drive: Drive,
  people: readonly Actor[],
  entry: SeedEntry,
  number: number,
): ItemRecord {
  const guid = seeded.guid(`item ${drive.id} ${[...entry.path, entry.name].join('/')}`);
  let parent = drive.rootId;
  for (const name of entry.path) parent = drive.items.named(parent, name)?.id ?? parent;
  const extras = sharing(drive, people, entry, guid);
  return {
    id: drive.type === 'personal' ? `${drive.id}!${102 + number}` : toItemId(drive.mark, guid),
    guid,
    parentId: parent,
    name: entry.name,
    kind: entry.file ? 'file' : 'folder',
    size: entry.file?.size ?? 0,
    ...(entry.file ? { content: { type: entry.file.type, stamp: entry.file.stamp } } : {}),
    ...stampTimes(entry.created, entry.modified),
    createdBy: people[entry.author % people.length] ?? {},
    modifiedBy: people[entry.editor % people.length] ?? {},
    revision: entry.revision,
    contentRevision: entry.file ? entry.revision : 0,
    ...(extras ? { extras } : {}),
  };
}

export function stampTimes(
  created: number,
  modified: number,
): Pick<ItemRecord, 'created' | 'modified' | 'clientCreated' | 'clientModified'> {
  return { created, modified, clientCreated: created, clientModified: modified };
}

/** A few things are shared: a file with a colleague, photos with the organization, an old invoice with everybody. */
function sharing(
  drive: Drive,
  people: readonly Actor[],
  entry: SeedEntry,
  guid: string,
): ItemExtras | undefined {
  const common = { id: guid.slice(0, 8), granted: entry.modified, grantedBy: people[0] ?? {} };
  const link = (scope: 'organization' | 'anonymous'): PermissionRecord => {
    const token = Buffer.from(guid.replaceAll('-', ''), 'hex').toString('base64url');
    const webUrl = `${new URL(drive.webUrl).origin}/:b:/g/E${token}`;
    return {
      ...common,
      roles: ['read'],
      link: { type: 'view', scope, webUrl, token, preventsDownload: false },
    };
  };
  if (drive.type === 'personal') return undefined;
  const colleague = people[1]?.userId;
  if (entry.name === 'Budget 2026.xlsx' && colleague) {
    return { permissions: [{ ...common, roles: ['write'], userId: colleague }] };
  }
  if (entry.name === 'Photos') return { permissions: [link('organization')] };
  if (entry.name.startsWith('Invoice 2025-12')) return { permissions: [link('anonymous')] };
  if (entry.name === 'Customer list.csv') {
    return { permissions: [{ ...common, roles: ['read'], email: 'partner@northwind.example' }] };
  }
  return undefined;
}
