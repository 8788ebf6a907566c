import { faults } from '../errors.ts';
import type { Drive } from './drive.ts';
import { toItemId } from './item-id.ts';
import type { Actor, ContentRef, ItemRecord } from './item-record.ts';
import { freeName, nameFault } from './names.ts';

export type ConflictBehavior = 'fail' | 'rename' | 'replace';

/** Who edits, when, and with which fresh ids. */
export interface Editor {
  readonly actor: Actor;
  /** Epoch ms. */
  readonly now: number;
  readonly newGuid: () => string;
  readonly hashAllowed: boolean;
}

export interface ClientTimes {
  readonly created?: number;
  readonly modified?: number;
}

/** Refuses names that the service refuses. */
export function checkName(drive: Drive, name: string, folder: boolean, editor: Editor): void {
  const fault = nameFault(name, folder, drive.type !== 'personal');
  const hash = !editor.hashAllowed && /[#%]/.test(name);
  if (fault || hash) {
    throw faults.badRequest(
      'The provided name cannot contain any of these characters or has a reserved form.',
      fault,
    );
  }
}

/** Refuses a path that is too long once `name` stands below `parent`. */
export function checkPath(drive: Drive, parent: ItemRecord, name: string): void {
  const names = [parent.id, ...drive.ancestors(parent)].map((id) => drive.items.any(id)?.name ?? '');
  const length = names.reduce((sum, part) => sum + part.length + 1, name.length);
  if (length > 400) throw faults.badRequest('The specified path is too long', 'pathIsTooLong');
}

/** The name to use below `parent`; undefined `taken` when nothing has to give way. */
export function settleName(
  drive: Drive,
  parent: ItemRecord,
  name: string,
  behavior: ConflictBehavior,
): { name: string; taken?: ItemRecord } {
  const taken = drive.items.named(parent.id, name);
  if (!taken) return { name };
  if (behavior === 'fail') throw faults.nameTaken();
  if (behavior === 'replace') return { name, taken };
  return { name: freeName(name, (candidate) => drive.items.named(parent.id, candidate) !== undefined) };
}

/** A new record below `parent`, not yet committed. */
export function newItem(
  drive: Drive,
  parent: ItemRecord,
  name: string,
  editor: Editor,
  file?: { content: ContentRef; size: number; times?: ClientTimes },
): ItemRecord {
  const guid = editor.newGuid();
  const { now, actor } = editor;
  return {
    id: drive.type === 'personal' ? `${drive.id}!s${guid.replaceAll('-', '')}` : toItemId(drive.mark, guid),
    guid,
    parentId: parent.id,
    name,
    kind: file ? 'file' : 'folder',
    size: file?.size ?? 0,
    ...(file ? { content: file.content } : {}),
    created: now,
    modified: now,
    clientCreated: file?.times?.created ?? now,
    clientModified: file?.times?.modified ?? now,
    createdBy: actor,
    modifiedBy: actor,
    revision: 1,
    contentRevision: file ? 1 : 0,
  };
}

/** The record with other properties: a new eTag, the editor as last modifier. Not yet committed. */
export function changed(record: ItemRecord, editor: Editor, change: Partial<ItemRecord>): ItemRecord {
  return {
    ...record,
    modified: editor.now,
    clientModified: editor.now,
    modifiedBy: editor.actor,
    revision: record.revision + 1,
    ...change,
  };
}

/** Versions kept for each file. */
const VERSIONS = 50;

/** The file with another content; the former one becomes a version. Not yet committed. */
export function withContent(
  record: ItemRecord,
  editor: Editor,
  file: { content: ContentRef; size: number; times?: ClientTimes },
): ItemRecord {
  const { content } = record;
  const former = content
    ? [
        {
          id: `${record.contentRevision}.0`,
          size: record.size,
          content,
          modified: record.modified,
          modifiedBy: record.modifiedBy,
        },
      ]
    : [];
  return changed(record, editor, {
    content: file.content,
    size: file.size,
    contentRevision: record.contentRevision + 1,
    ...(file.times?.modified === undefined ? {} : { clientModified: file.times.modified }),
    ...(file.times?.created === undefined ? {} : { clientCreated: file.times.created }),
    extras: {
      ...record.extras,
      versions: [...former, ...(record.extras?.versions ?? [])].slice(0, VERSIONS),
    },
  });
}
