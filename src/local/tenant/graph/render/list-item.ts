import type { Drive } from '../drives/drive.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import type { GraphContext } from '../graph-context.ts';
import { identityOf } from './identities.ts';
import { eTagOf } from './tags.ts';

/** The listItem of a file or folder, with its columns. */
export function listItemOf(context: GraphContext, drive: Drive, record: ItemRecord): object {
  const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
  const folder = record.kind === 'folder';
  return {
    id: listItemId(record),
    eTag: eTagOf(drive, record),
    createdDateTime: iso(record.created),
    lastModifiedDateTime: iso(record.modified),
    createdBy: identityOf(context.directory, record.createdBy),
    lastModifiedBy: identityOf(context.directory, record.modifiedBy),
    contentType: { id: folder ? '0x0120' : '0x0101', name: folder ? 'Folder' : 'Document' },
    fields: fieldsOf(drive, record),
  };
}

/** Columns of a library's row. */
export function fieldsOf(drive: Drive, record: ItemRecord): Record<string, unknown> {
  return {
    '@odata.etag': eTagOf(drive, record),
    id: listItemId(record),
    FileLeafRef: record.name,
    LinkFilename: record.name,
    ContentType: record.kind === 'folder' ? 'Folder' : 'Document',
    FileSizeDisplay: record.kind === 'folder' ? undefined : String(record.size),
    ...record.extras?.fields,
  };
}

/** A number of its own for each item of a list. */
export function listItemId(record: ItemRecord): string {
  return String((Number.parseInt(record.guid.slice(0, 7), 16) % 900_000) + 1);
}
