import type { Exchange, VerifiedToken } from '../../http/route.ts';
import { editorFor } from '../access/guards.ts';
import type { Want } from '../access/permission-names.ts';
import type { Drive } from '../drives/drive.ts';
import { newItem } from '../drives/edit-item.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { decode, findDrive, tokenOf } from './find-drive.ts';
import { folderOfSpecial } from './special-folders.ts';

/** An item that a call may work with. */
export interface FoundItem {
  readonly drive: Drive;
  readonly record: ItemRecord;
  readonly token: VerifiedToken;
}

/** A path whose last part may not exist yet. */
export interface FoundPlace {
  readonly drive: Drive;
  readonly token: VerifiedToken;
  /** The deepest folder that exists. */
  readonly parent: ItemRecord;
  /** Folders to make below it. */
  readonly missing: readonly string[];
  readonly name: string;
  /** What is at the place already. */
  readonly record?: ItemRecord;
}

/** The item that a path of item-paths.ts names, when the token may `want` it. */
export function findItem(context: GraphContext, exchange: Exchange, want: Want): FoundItem {
  const token = tokenOf(exchange);
  const drive = findDrive(context, exchange);
  const start = startOf(context, drive, exchange);
  if (!start) {
    // Whether something exists is told only to those who may see the drive.
    context.rights.requireItem(token, drive, drive.root(), want);
    throw faults.notFound();
  }
  let record: ItemRecord | undefined = start;
  for (const name of segmentsOf(exchange)) {
    record = record?.kind === 'folder' ? drive.items.named(record.id, name) : undefined;
  }
  context.rights.requireItem(token, drive, record ?? start, want);
  if (!record) throw faults.notFound();
  return { drive, record, token };
}

/** Where a path of item-paths.ts points, for calls that may create something there. */
export function findPlace(context: GraphContext, exchange: Exchange): FoundPlace {
  const token = tokenOf(exchange);
  const drive = findDrive(context, exchange);
  const segments = segmentsOf(exchange);
  const name = segments.at(-1);
  let parent = startOf(context, drive, exchange);
  if (!parent) {
    context.rights.requireItem(token, drive, drive.root(), 'write');
    throw faults.notFound();
  }
  if (name === undefined) {
    context.rights.requireItem(token, drive, parent, 'write');
    return { drive, token, parent, missing: [], name: parent.name, record: parent };
  }
  const folders = segments.slice(0, -1);
  while (folders.length > 0) {
    const next: ItemRecord | undefined = drive.items.named(parent.id, folders[0] ?? '');
    if (!next) break;
    parent = next;
    folders.shift();
  }
  context.rights.requireItem(token, drive, parent, 'write');
  if (parent.kind !== 'folder') throw faults.notFound();
  const record = folders.length === 0 ? drive.items.named(parent.id, name) : undefined;
  return { drive, token, parent, missing: folders, name, ...(record ? { record } : {}) };
}

function startOf(context: GraphContext, drive: Drive, exchange: Exchange): ItemRecord | undefined {
  const { params } = exchange;
  if (params.special !== undefined) {
    if (params.special.toLowerCase() === 'approot') return appRoot(context, drive, tokenOf(exchange));
    const name = folderOfSpecial(params.special);
    return name === undefined ? undefined : drive.items.named(drive.rootId, name);
  }
  if (params.item === undefined) return drive.root();
  const id = decode(params.item);
  return id.toLowerCase() === 'root' ? drive.root() : drive.items.live(id);
}

/** The folder of the app itself, below "Apps"; it is made when it is first asked for. */
function appRoot(context: GraphContext, drive: Drive, token: VerifiedToken): ItemRecord {
  context.rights.requireItem(token, drive, drive.root(), 'write');
  const name = context.directory.application(token.appId)?.displayName ?? token.appId;
  let folder = drive.root();
  for (const part of ['Apps', name]) {
    const known = drive.items.named(folder.id, part);
    const made = known ?? newItem(drive, folder, part, editorFor(context, token));
    if (!known) drive.commit(made, context.clock());
    folder = made;
  }
  return folder;
}

function segmentsOf({ params }: Exchange): string[] {
  return (params.path ?? '')
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
}
