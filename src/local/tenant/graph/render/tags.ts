import type { DriveIdentity } from '../drives/drive.ts';
import type { ItemRecord } from '../drives/item-record.ts';

/** The eTag, quotes included; changes with anything about the item. */
export function eTagOf(drive: DriveIdentity, record: ItemRecord): string {
  return drive.type === 'personal'
    ? `"${record.id},${record.revision}"`
    : `"{${record.guid.toUpperCase()}},${record.revision}"`;
}

/** The cTag; changes with the content. */
export function cTagOf(drive: DriveIdentity, record: ItemRecord): string {
  return drive.type === 'personal'
    ? `"c:${record.id},${record.contentRevision}"`
    : `"c:{${record.guid.toUpperCase()}},${record.contentRevision}"`;
}
