import { specialNameOf } from '../addressing/special-folders.ts';
import { isOffice, mimeTypeOf } from '../content/mime-types.ts';
import { seedHash } from '../content/seed-content.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { isoSeconds } from './iso-time.ts';
import type { ItemView } from './item-view.ts';
import { sharedFacet } from './shared-facet.ts';
import { cTagOf, eTagOf } from './tags.ts';

/** JSON of one property's value; undefined when the item doesn't have it. */
export type ItemField = (record: ItemRecord, view: ItemView) => string | undefined;

const live = (record: ItemRecord): boolean => record.deletedAt === undefined;
const isFile = (record: ItemRecord): boolean => record.kind === 'file';

/** Properties that an answer has when nothing is selected, in the order of the service. */
export const defaultFields: Readonly<Record<string, ItemField>> = {
  '@microsoft.graph.downloadUrl': (record, view) =>
    isFile(record) && live(record) && view.mode !== 'delta' ? text(view.downloadUrl(record)) : undefined,
  createdBy: (record, view) => (live(record) ? view.identity(record.createdBy) : undefined),
  createdDateTime: (record, view) => (live(record) ? date(record.created, view) : undefined),
  eTag: (record, view) => (live(record) ? text(eTagOf(view.drive, record)) : undefined),
  cTag(record, view) {
    if (view.drive.type === 'personal') return live(record) ? text(cTagOf(view.drive, record)) : undefined;
    return isFile(record) && view.mode !== 'delta' ? text(cTagOf(view.drive, record)) : undefined;
  },
  id: (record) => plain(record.id),
  lastModifiedBy: (record, view) => (live(record) ? view.identity(record.modifiedBy) : undefined),
  lastModifiedDateTime: (record, view) => (live(record) ? date(record.modified, view) : undefined),
  name: (record, view) => (live(record) || view.drive.type === 'personal' ? text(record.name) : undefined),
  description: (record) =>
    record.extras?.description === undefined ? undefined : text(record.extras.description),
  parentReference,
  webUrl: (record, view) => (live(record) ? text(webUrlOf(record, view)) : undefined),
  size(record, view) {
    if (!live(record)) return view.drive.type === 'personal' ? undefined : '0';
    return String(record.kind === 'folder' ? view.drive.items.sizeBelow(record.id) : record.size);
  },
  deleted: (record) => (live(record) ? undefined : '{"state":"deleted"}'),
  file: (record) => (isFile(record) && live(record) ? fileFacet(record) : undefined),
  fileSystemInfo: (record, view) =>
    live(record)
      ? `{"createdDateTime":${date(record.clientCreated, view)},"lastModifiedDateTime":${date(record.clientModified, view)}}`
      : undefined,
  folder: (record, view) =>
    record.kind === 'folder' ? `{"childCount":${view.drive.items.childCount(record.id)}}` : undefined,
  package: (record) => (record.kind === 'package' ? '{"type":"oneNote"}' : undefined),
  root: (record) => (record.parentId === undefined ? '{}' : undefined),
  malware: (record) =>
    record.extras?.malware === undefined ? undefined : `{"description":${text(record.extras.malware)}}`,
  specialFolder(record, { drive }) {
    if (record.parentId !== drive.rootId || record.kind !== 'folder' || drive.ownerId === undefined)
      return undefined;
    const name = specialNameOf(record.name);
    return name === undefined ? undefined : `{"name":"${name}"}`;
  },
  shared: (record, view) => (live(record) ? sharedFacet(record, view) : undefined),
};

/** Properties that come when they are selected. */
export const selectableFields: Readonly<Record<string, ItemField>> = {
  '@content.downloadUrl': (record, view) => (isFile(record) ? text(view.downloadUrl(record)) : undefined),
  publication(record) {
    if (!isFile(record)) return undefined;
    const holder = record.extras?.checkedOutBy;
    return `{"level":"${holder ? 'checkout' : 'published'}","versionId":"${record.contentRevision}.0"}`;
  },
  sharepointIds(record, view) {
    const [host = '', collection = '', web = ''] = (view.drive.siteId ?? '').split(',');
    if (host === '') return undefined;
    const ids = { listId: view.drive.listId, listItemUniqueId: record.guid, siteId: collection, webId: web };
    return JSON.stringify({
      ...ids,
      siteUrl: view.drive.webUrl.slice(0, view.drive.webUrl.lastIndexOf('/')),
    });
  },
  webDavUrl: (record, view) => text(placeOf(record, view)),
};

/** JSON of an ISO time: to the second on business drives, to the millisecond on personal ones. */
function date(time: number, { drive }: ItemView): string {
  return drive.type === 'personal' ? `"${new Date(time).toISOString()}"` : `"${isoSeconds(time)}"`;
}

const text = (value: string): string => JSON.stringify(value);
/** JSON of a text that the tenant made itself, of letters that need no escape. */
const plain = (value: string): string => `"${value}"`;

function parentReference(record: ItemRecord, view: ItemView): string {
  const { drive, reference } = view;
  const { parentId } = record;
  if (parentId === undefined) return `${reference.start}}`;
  const start = `${reference.start},"id":${plain(parentId)}`;
  if (view.mode === 'delta' && !view.deltaPath) return start + reference.end;
  const path = view.pathOf(parentId);
  const where = `/drives/${drive.id}/root:${path === '' ? '' : `/${path}`}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return `${start},"name":${text(name || 'root')},"path":${text(where)}${reference.end}`;
}

function fileFacet(record: ItemRecord): string {
  const { content } = record;
  const given = record.extras?.mimeType;
  const mime = given === undefined ? plain(mimeTypeOf(record.name)) : text(given);
  if (content === undefined) return `{"mimeType":${mime}}`;
  const hash = 'stored' in content ? content.hash : seedHash({ ...content, length: record.size });
  return `{"mimeType":${mime},"hashes":{"quickXorHash":"${hash}"}}`;
}

function webUrlOf(record: ItemRecord, view: ItemView): string {
  if (record.kind !== 'file' || !isOffice(record.name)) return placeOf(record, view);
  const site = view.drive.webUrl.slice(0, view.drive.webUrl.lastIndexOf('/'));
  const query = `sourcedoc=%7B${record.guid.toUpperCase()}%7D&file=${encodeURIComponent(record.name)}&action=default&mobileredirect=true`;
  return `${site}/_layouts/15/Doc.aspx?${query}`;
}

function placeOf(record: ItemRecord, view: ItemView): string {
  if (view.drive.type === 'personal') return `${view.drive.webUrl}&id=${encodeURIComponent(record.id)}`;
  if (record.parentId === undefined) return view.drive.webUrl;
  return `${view.urlOf(record.parentId)}/${encodeURIComponent(record.name)}`;
}
